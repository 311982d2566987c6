"""What each command does once it runs. Only its module in `commands`, which stays light, imports it."""
