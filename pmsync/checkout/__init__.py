"""What pmsync asks Git about the checkout it stands in: by plumbing only, which starts no other program."""
