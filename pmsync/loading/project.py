"""pmsync.yaml: found, read, and made a Project; and which of its environments is meant.

This module must not know manifests, nor anything about credentials.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from pmsync import __version__
from pmsync.diagnostics import Diagnostic, Location
from pmsync.errors import InputError, UsageProblem
from pmsync.loading.checked import checked
from pmsync.loading.documents import read_document
from pmsync.loading.names import control_in
from pmsync.loading.problems import Problems, meant, shown, shown_path
from pmsync.loading.scalars import is_requirement, meets
from pmsync.loading.shape_project import EnvironmentShape, ProjectShape, UploadsShape
from pmsync.loading.tree import Document
from pmsync.loading.worktree import path_in_work_tree, projects_below
from pmsync.model.project import (
    KEY_FILE_VARIABLE,
    CloudTenant,
    EmulatedTenant,
    Environment,
    Limits,
    OtherName,
    Project,
    SameName,
    StateBackend,
    UploadBehaviour,
    Variable,
    Verify,
    key_variable,
)

CONFIG: Final = "pmsync.yaml"


class Config(Struct, frozen=True):
    """A pmsync.yaml that was read: its path, the project, and where it names each of its manifests."""

    path: str
    project: Project
    places: tuple[Location, ...]


def find_config(folder: str) -> str:
    """Absolute path of the nearest pmsync.yaml, from the folder upwards, within its Git work tree.

    InputError PM101: there is none. PM116: it is above the folder and somebody else's, who could have put
    it there for all that is below.
    """
    here = start = _absolute(folder)
    while not _is_config(os.path.join(here, CONFIG)):
        above = os.path.dirname(here)
        if above == here or os.path.lexists(os.path.join(here, ".git")):
            raise _no_config(start)
        here = above
    found = os.path.join(here, CONFIG)
    if here != start:
        _require_ours(found, start)
    return found


def _is_config(path: str) -> bool:
    """Whether something is there that is to be read, or to be told that it cannot be."""
    return os.path.lexists(path) and not os.path.isdir(path)


def _require_ours(path: str, folder: str) -> None:
    owners = {0, os.geteuid(), os.stat(folder).st_uid}
    if os.lstat(path).st_uid not in owners:
        message = f"{path} belongs to another user, and was found, not named"
        hint = f"if it is: --config {path}"
        raise InputError([Diagnostic(Location(CONFIG), "PM116", message, hint)])


def _absolute(path: str) -> str:
    """The path from the root. InputError PM101 where it is relative and the working folder was removed."""
    try:
        return os.path.abspath(path)
    except OSError:
        message = "the working folder is gone: it was removed, or moved"
        raise InputError(
            [Diagnostic(Location(CONFIG), "PM101", message, "cd to one that is there")]
        ) from None


def _no_config(folder: str) -> InputError:
    message = f"no {CONFIG} in {shown(folder)}, or in a folder above it and in the same Git work tree"
    hint = projects_below(folder, CONFIG) or "pmsync init makes one"
    return InputError([Diagnostic(Location(CONFIG), "PM101", message, hint)])


def read_config(path: str, problems: Problems) -> Config | None:
    """What the pmsync.yaml at this path says. What is wrong goes to `problems` and counts as not there.

    None: nothing of it can be believed, not even where its manifests are.
    """
    path = _absolute(path)
    root = os.path.dirname(path)
    document = read_document(path, shown_path(os.path.basename(path)), problems, root=root)
    if document is None or not _is_for_this_version(document, problems):
        return None
    _judge_tenants(document, problems)
    shape = checked(document, ProjectShape, problems)
    if shape is None:
        return None
    _judge_texts(document, shape, problems)
    _judge_environments(document, shape, problems)
    patterns = tuple(shape.get("manifests", ("manifests",)))
    project = Project(
        name=shape["project"],
        root=root,
        manifests=patterns,
        variables=_variables(document, shape),
        environments=_environments(document, shape),
        location=document.at(()),
        path=path_in_work_tree(path),
    )
    return Config(path, project, tuple(document.at(("manifests", index)) for index in range(len(patterns))))


def is_project_of(project: Project, path: str) -> bool:
    """Whether another pmsync.yaml, by its path in the same Git work tree, has the project's name."""
    top = project.root.removesuffix(f"/{os.path.dirname(project.path)}" if "/" in project.path else "")
    if path == project.path or path.startswith("/") or ".." in path.split("/"):
        return False
    other = os.path.join(top, path)
    known = read_config(other, Problems()) if _is_config(other) else None
    return known is not None and known.project.name == project.name


def choose_environment(project: Project, named: str | None, *, may_default: bool) -> Environment:
    """The environment that is named, or the only one, or (if that is allowed) the one marked default.

    UsageProblem where that leaves none: a choice that matters is never guessed.
    """
    known = project.environments
    if named is not None:
        if named in known:
            return known[named]
        hint = meant(named, known) or f"environments are: {', '.join(known)}"
        raise UsageProblem(f"there is no environment {shown(named)} in {project.location.file}", hint=hint)
    if len(known) == 1:
        return next(iter(known.values()))
    default = next((one for one in known.values() if one.default), None)
    if may_default and default:
        return default
    raise UsageProblem(
        "no environment selected", hint=f"choose one with -e or PMSYNC_ENV: {', '.join(known)}"
    )


def _is_for_this_version(document: Document, problems: Problems) -> bool:
    """Judged before all else: what a newer pmsync knows would only look wrong to this one."""
    wanted = document.root.get("requires")
    if not is_requirement(wanted) or meets(__version__, wanted):
        return True
    message = f"this project needs pmsync {wanted}, and this is pmsync {__version__}"
    hint = "install a pmsync that fits, or change requires"
    problems.add(Diagnostic(document.at(("requires",)), "PM114", message, hint))
    return False


def _judge_tenants(document: Document, problems: Problems) -> None:
    """Each environment has one tenant. Judged on the tree as written, before what is wrong is left out."""
    environments = document.root.get("environments")
    if not isinstance(environments, dict):
        return
    for name, body in environments.items():
        if not isinstance(body, dict):
            continue
        steps = ("environments", name)
        if "tenant" in body and "tenantId" in body:
            message = f"environment {shown(name)} has both tenant and tenantId"
            place = document.at_key((*steps, "tenantId"))
            problems.add(Diagnostic(place, "PM102", message, "keep one of the two"))
        elif "tenant" not in body and "tenantId" not in body:
            message = f"environment {shown(name)} has no tenant"
            hint = "add tenantId: ID, or tenant: emulator for the embedded one"
            problems.add(Diagnostic(document.at_key(steps), "PM102", message, hint))
        elif "tenant" in body and "apiUrl" in body:
            message = f"environment {shown(name)} is the embedded tenant, which has no apiUrl"
            hint = "remove it, or name the tenant by tenantId"
            problems.add(Diagnostic(document.at_key((*steps, "apiUrl")), "PM102", message, hint))


def _judge_texts(document: Document, shape: ProjectShape, problems: Problems) -> None:
    """Texts that are shown, or become part of names, have no control characters."""
    project = shape["project"]
    fault = control_in(project) if project.strip() else "the project's name would show nothing"
    _judge(document, ("project",), fault, problems)
    for name, environment in shape["environments"].items():
        fault = control_in(environment.get("namePrefix", ""))
        _judge(document, ("environments", name, "namePrefix"), fault, problems)


def _judge(document: Document, steps: tuple[str | int, ...], fault: str | None, problems: Problems) -> None:
    if fault:
        problems.add(Diagnostic(document.at(steps), "PM112", fault))


def _judge_environments(document: Document, shape: ProjectShape, problems: Problems) -> None:
    """At most one default; only declared variables have values; and each has a key variable of its own."""
    _judge_key_variables(document, shape, problems)
    declared = shape.get("variables", {})
    defaults = [name for name, one in shape["environments"].items() if one.get("default")]
    for name in defaults[1:]:
        place = document.at_key(("environments", name, "default"))
        message = f"environments {shown(defaults[0])} and {shown(name)} are both the default"
        problems.add(Diagnostic(place, "PM106", message, "keep one of the two"))
    for name, environment in shape["environments"].items():
        for variable in environment.get("variables", {}):
            if variable not in declared:
                place = document.at_key(("environments", name, "variables", variable))
                hint = meant(variable, declared) or "declare it below variables: at the top"
                problems.add(Diagnostic(place, "PM107", f"variable {shown(variable)} is not declared", hint))


def _judge_key_variables(document: Document, shape: ProjectShape, problems: Problems) -> None:
    """No key is taken for another environment's, nor the path of a key file for a key."""
    taken = {KEY_FILE_VARIABLE: "the path of a key file"}
    for name in shape["environments"]:
        variable = key_variable(name)
        if variable in taken:
            whose = f"would come from {variable}, which is for {taken[variable]}"
            message = f"the key of environment {shown(name)} {whose}"
            place = document.at_key(("environments", name))
            problems.add(Diagnostic(place, "PM115", message, "give the environment another name"))
        taken.setdefault(variable, f"environment {shown(name)}")


def _variables(document: Document, shape: ProjectShape) -> Mapping[str, Variable]:
    return {
        name: Variable(
            name=name,
            default=(body or {}).get("default"),
            description=(body or {}).get("description", ""),
            location=document.at_key(("variables", name)),
        )
        for name, body in shape.get("variables", {}).items()
    }


def _environments(document: Document, shape: ProjectShape) -> Mapping[str, Environment]:
    return {
        name: _environment(name, body, document.at_key(("environments", name)))
        for name, body in shape["environments"].items()
    }


def _environment(name: str, body: EnvironmentShape, location: Location) -> Environment:
    limits, verify = body.get("limits", {}), body.get("verify", {})
    tenant = _tenant(body)
    return Environment(
        name=name,
        tenant=tenant,
        name_prefix=body.get("namePrefix", ""),
        protect=body.get("protect", False),
        default=body.get("default", False),
        state=StateBackend(body["state"]) if "state" in body else None,
        limits=Limits(
            max_deletes=limits.get("maxDeletes"),
            max_upload_bytes=limits.get("maxUploadBytes"),
            max_row_drop=limits.get("maxRowDrop", Limits().max_row_drop),
        ),
        uploads=_uploads(body.get("uploads", {}), tenant),
        verify=Verify(rows=verify.get("rows", True), timeout=verify.get("timeout", Verify().timeout)),
        variables=body.get("variables", {}),
        location=location,
    )


def _tenant(body: EnvironmentShape) -> EmulatedTenant | CloudTenant:
    if "tenantId" in body:
        return CloudTenant(tenant_id=body["tenantId"], api_url=body.get("apiUrl"))
    return EmulatedTenant()


def _uploads(body: UploadsShape, tenant: EmulatedTenant | CloudTenant) -> UploadBehaviour:
    """What is stated; the embedded tenant is known to replace and to add."""
    same, other = SameName.UNKNOWN, OtherName.UNKNOWN
    if isinstance(tenant, EmulatedTenant):
        same, other = SameName.REPLACES, OtherName.ADDS
    return UploadBehaviour(
        same_name=SameName(body.get("sameName", same)),
        other_name=OtherName(body.get("otherName", other)),
        ingests_within=body.get("ingestsWithin"),
    )
