"""Where pmsync keeps what it remembers in a test: a place of that test's own, never the home of who runs it."""

from collections.abc import Mapping
from pathlib import Path

from pmsync.statestore.home import Home


def folders_in(place: Path) -> Mapping[str, str]:
    """The variables that make pmsync remember in this place."""
    return {"PMSYNC_STATE_DIR": str(place / "state"), "PMSYNC_CACHE_DIR": str(place / "cache")}


def state_folder_in(
    place: Path, *, api_url: str, tenant: str, project: str, environment: str = "dev"
) -> Path:
    """Where the state of an environment is, whether it is there yet or not."""
    home = Home(state=str(place / "state"), cache=str(place / "cache"))
    host = api_url.removeprefix("http://")
    return Path(home.of_tenant(host, tenant, project=project, environment=environment))


def only_state_folder_in(place: Path, environment: str) -> Path:
    """Where the one state of an environment of this name is."""
    (found,) = [one for one in (place / "state").rglob(environment) if (one / "state.json").exists()]
    return found
