from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor_core.model import NO_PROJECT
from monitor_core.projects import NOWHERE, Identity, Surroundings, at, distinct_names, identify, text_key

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
posix_only = pytest.mark.skipif(os.name == "nt", reason="needs POSIX file names and links")


class Machine:
    """A home folder, a temporary folder and a git that reads no settings of whoever runs the tests."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home" / "dev"
        self.temporary = root / "tmp"
        for folder in (self.home, self.temporary):
            folder.mkdir(parents=True)
        self.surroundings = Surroundings(str(self.home), (str(self.temporary),))

    def folder(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def git(self, folder: Path, *arguments: str) -> None:
        identity = ("-c", "user.name=dev", "-c", "user.email=dev@example.org", "-c", "protocol.file.allow=always")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "SYSTEMROOT": os.environ.get("SYSTEMROOT", ""),
        }
        subprocess.run(
            ["git", *identity, *arguments], cwd=folder, env=environment, check=True, capture_output=True, timeout=60
        )

    def repository(self, name: str) -> Path:
        folder = self.folder(name)
        self.git(folder, "init", "--quiet")
        self.git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
        return folder

    def identify(self, cwd: Path | str, project_dir: Path | str | None = None) -> Identity:
        return identify(str(cwd), None if project_dir is None else str(project_dir), self.surroundings)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(Path(os.path.realpath(tmp_path)))


# Rule 1: repositories.


@needs_git
def test_a_folder_of_a_repository_is_the_repository(machine: Machine) -> None:
    api = machine.repository("home/dev/team/api")
    deep = machine.folder("home/dev/team/api/src/deep")
    found = machine.identify(deep)
    assert (found.path, found.name, found.label) == (str(api), "api", "")
    assert found == machine.identify(api)


@needs_git
def test_a_worktree_is_a_label_within_its_project(machine: Machine) -> None:
    api = machine.repository("home/dev/api")
    for place, name in (("../api-feature", "api-feature"), (".claude/worktrees/bold-fox", "bold-fox")):
        machine.git(api, "worktree", "add", "--quiet", "-b", name, place)
        inside = (api / place / "src").resolve()
        inside.mkdir()
        found = machine.identify(inside)
        assert (found.key, found.path, found.label) == (machine.identify(api).key, str(api), name)


@needs_git
def test_a_worktree_whose_repository_was_moved_away_is_still_of_the_project_it_was(machine: Machine) -> None:
    api = machine.repository("home/dev/api")
    key = machine.identify(api).key
    machine.git(api, "worktree", "add", "--quiet", "../feature")
    api.rename(api.with_name("elsewhere"))
    found = machine.identify(api.with_name("feature"))
    assert (found.key, found.label) == (key, "feature")


@needs_git
def test_a_submodule_is_of_the_superproject_and_so_is_one_within_it(machine: Machine) -> None:
    machine.repository("home/dev/inner")
    middle = machine.repository("home/dev/middle")
    machine.git(middle, "submodule", "--quiet", "add", "../inner", "inner")
    machine.git(middle, "commit", "--quiet", "--message", "inner")
    outer = machine.repository("home/dev/outer")
    machine.git(outer, "submodule", "--quiet", "add", "../middle", "libs/middle")
    machine.git(outer, "submodule", "--quiet", "update", "--init", "--recursive")
    for cwd in (outer / "libs" / "middle", outer / "libs" / "middle" / "inner"):
        assert (cwd / ".git").is_file()
        assert machine.identify(cwd) == machine.identify(outer)


@needs_git
def test_a_submodule_in_a_worktree_is_of_the_superproject_with_the_worktrees_label(machine: Machine) -> None:
    machine.repository("home/dev/lib")
    api = machine.repository("home/dev/api")
    machine.git(api, "submodule", "--quiet", "add", "../lib", "lib")
    machine.git(api, "commit", "--quiet", "--message", "lib")
    machine.git(api, "worktree", "add", "--quiet", "../feature")
    feature = api.with_name("feature")
    machine.git(feature, "submodule", "--quiet", "update", "--init")
    found = machine.identify(feature / "lib")
    assert (found.path, found.label) == (str(api), "feature")


@needs_git
def test_a_worktree_of_a_submodule_is_of_the_superproject(machine: Machine) -> None:
    machine.repository("home/dev/lib")
    api = machine.repository("home/dev/api")
    machine.git(api, "submodule", "--quiet", "add", "../lib", "lib")
    machine.git(api / "lib", "worktree", "add", "--quiet", "-b", "fix", str(machine.root / "lib-fix"))
    found = machine.identify(machine.root / "lib-fix")
    assert (found.path, found.label) == (str(api), "lib-fix")


@needs_git
def test_worktrees_of_a_bare_repository_are_of_the_bare_repository(machine: Machine) -> None:
    origin = machine.repository("home/dev/origin")
    bare = machine.root / "home" / "dev" / "api.git"
    machine.git(origin, "clone", "--quiet", "--bare", ".", str(bare))
    for name in ("one", "two"):
        machine.git(bare, "worktree", "add", "--quiet", "-b", name, f"../{name}")
    one, two = machine.identify(bare.with_name("one")), machine.identify(bare.with_name("two"))
    assert one.key == two.key
    assert (one.path, one.label, two.label) == (str(bare), "one", "two")


@needs_git
def test_worktrees_of_a_hidden_bare_repository_are_of_the_folder_around_it(machine: Machine) -> None:
    origin = machine.repository("home/dev/origin")
    api = machine.folder("home/dev/api")
    machine.git(origin, "clone", "--quiet", "--bare", ".", str(api / ".bare"))
    (api / ".git").write_text("gitdir: ./.bare\n")
    machine.git(api, "worktree", "add", "--quiet", "-b", "feature", "feature")
    found = machine.identify(api / "feature")
    assert (found.path, found.name, found.label) == (str(api), "api", "feature")
    assert found.key == machine.identify(api).key


@needs_git
def test_a_separate_git_folder_leaves_the_working_folder_the_root(machine: Machine) -> None:
    api = machine.folder("home/dev/api")
    machine.git(api, "init", "--quiet", "--separate-git-dir", str(machine.folder("data") / "api.git"))
    assert (api / ".git").is_file()
    assert machine.identify(machine.folder("home/dev/api/src")).path == str(api)


@needs_git
def test_a_repository_within_a_repository_is_a_project_of_its_own(machine: Machine) -> None:
    outer = machine.repository("home/dev/outer")
    inner = machine.repository("home/dev/outer/vendor/inner")
    assert machine.identify(inner).path == str(inner)
    assert machine.identify(inner.parent).path == str(outer)


@posix_only
def test_a_symlink_is_the_folder_it_leads_to(machine: Machine) -> None:
    machine.folder("home/dev/api/.git")
    (machine.home / "link").symlink_to(machine.home / "api")
    assert machine.identify(machine.home / "link") == machine.identify(machine.home / "api")


def test_a_repository_more_than_64_levels_up_is_not_looked_for(machine: Machine) -> None:
    api = machine.folder("home/dev/api")
    (api / ".git").mkdir()
    near = machine.folder("home/dev/api/" + "/".join("d" * 63))
    far = machine.folder("home/dev/api/" + "/".join("d" * 64))
    assert machine.identify(near).path == str(api)
    assert machine.identify(far).path == str(far)


# Rule 1: what a .git file may hold.


def in_pointer(machine: Machine, content: bytes) -> Identity:
    """Identity of a folder within a repository, with a ``.git`` file of that content in the folder."""
    machine.folder("home/dev/api/.git")
    (machine.folder("home/dev/api/sub") / ".git").write_bytes(content)
    return machine.identify(machine.home / "api" / "sub")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"gitdir: ",
        b"gitdir: \n",
        b"gitdir:/no/space",
        b"\x7fELF\x00\x01\x02",
        b"gitdir: /a\x00b",
        b"gitdir: /a\n/b",
        b"x" * 9_000,
    ],
    ids=["empty", "no path", "only a newline", "no space", "binary", "NUL", "two lines", "no prefix"],
)
def test_a_git_file_that_says_nothing_is_passed_over(machine: Machine, content: bytes) -> None:
    assert in_pointer(machine, content).path == str(machine.home / "api")


@posix_only
def test_of_a_huge_git_file_only_the_beginning_is_read(machine: Machine) -> None:
    in_pointer(machine, b"gitdir: /srv/api")
    os.truncate(machine.home / "api" / "sub" / ".git", 1 << 42)  # it has holes: 4 TiB that no disk and no memory holds
    assert machine.identify(machine.home / "api" / "sub").path == str(machine.home / "api")


@pytest.mark.parametrize(
    "content",
    [
        b"gitdir: /",
        b"gitdir: .git",
        b"gitdir: .",
        b"gitdir: /does/not/exist",
        b"gitdir: ../../../../../../../../../../../../..",
        b"gitdir: " + b"/a" * 4_000,
        b"gitdir: C:\\repo\\.git",
    ],
    ids=["root", "itself", "its folder", "missing", "above the root", "too long for a path", "Windows"],
)
def test_a_git_file_that_leads_nowhere_leaves_its_folder_the_root(machine: Machine, content: bytes) -> None:
    assert in_pointer(machine, content).path == str(machine.home / "api" / "sub")


@posix_only
def test_a_git_file_may_hold_a_path_that_is_not_utf8_and_the_identity_can_be_stored(machine: Machine) -> None:
    found = in_pointer(machine, b"gitdir: /srv/caf\xe9/.git/worktrees/x\n")
    assert found.path.encode("utf-8") == b"/srv/caf\\udce9"
    assert found.key.encode("utf-8")


@pytest.mark.parametrize("commondir", ["/", "..", "../../../..", "../../../../../..", "\0", "", "x" * 9_000])
def test_a_commondir_cannot_make_home_or_what_is_above_it_a_project(machine: Machine, commondir: str) -> None:
    repository = machine.folder("home/dev/api")
    git_dir = machine.folder("home/dev/store")
    (git_dir / "commondir").write_text(commondir)
    (repository / ".git").write_text(f"gitdir: {git_dir}\n")
    assert machine.identify(repository).path == str(repository)


def test_a_relative_and_an_absolute_commondir_lead_to_the_same_project(machine: Machine) -> None:
    main, worktree = machine.folder("home/dev/api"), machine.folder("home/dev/feature")
    git_dir = machine.folder("home/dev/api/.git/worktrees/feature")
    (worktree / ".git").write_text("gitdir: ../api/.git/worktrees/feature")
    for commondir in ("../..\n", f"{main / '.git'}\r\n"):
        (git_dir / "commondir").write_bytes(commondir.encode())
        found = machine.identify(worktree)
        assert (found.path, found.label) == (str(main), "feature")


@posix_only
def test_links_in_a_circle_pipes_and_sockets_named_git_are_passed_over(machine: Machine) -> None:
    api = machine.folder("home/dev/api")
    (api / ".git").mkdir()
    looping, pipe, listening = (machine.folder(f"home/dev/api/{name}") for name in ("loop", "pipe", "s"))
    (looping / ".git").symlink_to(looping / ".git")
    os.mkfifo(pipe / ".git")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(listening / ".git"))  # an absolute path may be too long for a socket
        for folder in (looping, pipe, listening):
            assert machine.identify(folder).path == str(api)


@posix_only
def test_a_chain_of_links_longer_than_pythons_stack_is_survived(machine: Machine) -> None:
    api = machine.folder("home/dev/api")
    names = [api / f"link{number}" for number in range(sys.getrecursionlimit() + 10)]
    for name, target in itertools.pairwise(names):
        name.symlink_to(target)
    (api / ".git").write_text(f"gitdir: {names[0]}/x")
    assert machine.identify(api).path == str(api)


# Rule 2: folders without a repository.


def test_outside_repositories_the_session_s_folder_is_the_project(machine: Machine) -> None:
    notes, sub = machine.folder("home/dev/notes"), machine.folder("home/dev/notes/sub")
    assert machine.identify(sub, notes) == Identity(machine.identify(notes).key, str(notes), "notes")
    assert machine.identify(sub).path == str(sub)


def test_outside_repositories_the_session_s_repository_is_the_project(machine: Machine) -> None:
    machine.folder("home/dev/api/.git")
    other = machine.folder("home/dev/other")
    src = machine.folder("home/dev/api/src")
    assert machine.identify(other, src).path == str(machine.home / "api")


def test_the_repository_one_works_in_comes_before_the_one_the_session_began_in(machine: Machine) -> None:
    machine.folder("home/dev/api/.git")
    machine.folder("home/dev/web/.git")
    assert machine.identify(machine.home / "web", machine.home / "api").name == "web"


def test_home_its_ancestors_and_temporary_folders_are_no_project(machine: Machine) -> None:
    below = machine.folder("tmp/claude/scratch")
    for folder in (machine.home, *machine.home.parents, machine.temporary, below):
        assert machine.identify(folder) == NOWHERE
        assert machine.identify(folder, machine.home) == NOWHERE
    assert NOWHERE.name == NO_PROJECT


def test_in_a_temporary_folder_the_session_s_project_goes_on(machine: Machine) -> None:
    machine.folder("home/dev/api/.git")
    assert machine.identify(machine.folder("tmp/x"), machine.home / "api").name == "api"


def test_a_repository_below_a_temporary_folder_is_a_project(machine: Machine) -> None:
    machine.folder("tmp/checkout/.git")
    assert machine.identify(machine.folder("tmp/checkout/src")).name == "checkout"


def test_a_git_folder_in_home_above_it_or_in_a_temporary_folder_makes_nothing_a_project(machine: Machine) -> None:
    for folder in (machine.home, machine.home.parent, machine.temporary):
        (folder / ".git").mkdir()
    notes = machine.folder("home/dev/notes")
    assert machine.identify(notes).path == str(notes)
    assert machine.identify(machine.home) == NOWHERE
    assert machine.identify(machine.folder("tmp/x")) == NOWHERE


@needs_git
def test_a_worktree_or_submodule_of_a_repository_in_home_is_a_project_of_its_own(machine: Machine) -> None:
    machine.repository("home/dev/lib")
    machine.repository("home/dev")
    machine.git(machine.home, "worktree", "add", "--quiet", "-b", "x", "dotfiles")
    machine.git(machine.home, "submodule", "--quiet", "add", "./lib", "vim/lib")
    for folder in (machine.home / "dotfiles", machine.home / "vim" / "lib"):
        assert machine.identify(folder).path == str(folder)


def test_of_home_and_a_temporary_folder_the_nearer_one_counts(machine: Machine) -> None:
    home, cache = machine.folder("tmp/home"), machine.folder("tmp/home/.tmp")
    surroundings = Surroundings(str(home), (str(machine.temporary), str(cache)))
    notes, scratch = machine.folder("tmp/home/notes"), machine.folder("tmp/home/.tmp/x")
    assert identify(str(notes), None, surroundings).path == str(notes)
    assert identify(str(scratch), None, surroundings) == NOWHERE


def test_without_a_home_folder_every_other_folder_can_be_a_project(machine: Machine) -> None:
    folder = machine.folder("home/dev")
    assert identify(str(folder), None, Surroundings("")).path == str(folder)


@pytest.mark.parametrize("cwd", ["", ".", "notes", "../notes", "/a\0b"])
def test_what_is_no_absolute_path_is_no_project_and_the_session_s_folder_counts(machine: Machine, cwd: str) -> None:
    notes = machine.folder("home/dev/notes")
    assert machine.identify(cwd) == NOWHERE
    assert machine.identify(cwd, notes).path == str(notes)
    assert machine.identify(notes, cwd).path == str(notes)


def test_a_deleted_folder_is_of_the_repository_it_was_in(machine: Machine) -> None:
    machine.folder("home/dev/api/.git")
    gone = machine.home / "api" / ".claude" / "worktrees" / "gone"
    assert machine.identify(gone).path == str(machine.home / "api")


def test_a_folder_of_another_machine_is_a_project_by_its_text(machine: Machine) -> None:
    found = machine.identify(str(machine.root / "srv" / "none" / ".." / "api") + "/")
    assert (found.path, found.name) == (str(machine.root / "srv" / "api"), "api")


# Rule 3: what makes two paths one.


@posix_only
def test_doubled_slashes_and_dots_do_not_make_another_project(machine: Machine) -> None:
    notes = machine.folder("home/dev/notes")
    for spelling in (f"/{notes}", f"{notes}//.", f"{notes}/../notes"):
        assert machine.identify(spelling) == machine.identify(notes)


@pytest.mark.parametrize("windows", ["C:\\code\\api", "c:\\code\\api\\", "C:/code/api", "c:\\code\\x\\..\\api"])
def test_wsl_and_windows_spellings_are_one_project(machine: Machine, windows: str) -> None:
    assert machine.identify(windows).key == machine.identify("/mnt/c/code/api").key
    assert machine.identify(windows).name == "api"


@pytest.mark.parametrize("host", ["wsl$", "WSL$", "wsl.localhost"])
def test_both_names_that_windows_has_for_the_folders_of_wsl_are_one_project(machine: Machine, host: str) -> None:
    found = machine.identify(f"\\\\{host}\\Ubuntu\\home\\dev\\api")
    assert found.key == machine.identify("\\\\wsl.localhost\\ubuntu\\home\\dev\\api").key
    assert found.key != machine.identify("\\\\wsl.localhost\\Ubuntu\\home\\dev\\Api").key
    assert found.name == "api"


@pytest.mark.skipif(os.name == "nt" or Path("/mnt/c").exists(), reason="Windows' drives are here")
def test_a_windows_path_on_another_system_stays_as_it_is_to_read(machine: Machine) -> None:
    assert machine.identify("C:\\Work\\Api").path == "C:\\Work\\Api"
    assert machine.identify("C:\\Work\\Api").key != machine.identify("c:\\work\\api").key
    assert machine.identify("\\\\server\\share\\api").name == "api"
    assert machine.identify("D:\\").name == "D:"


def test_a_windows_path_on_another_system_is_not_looked_up_below_the_working_folder(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(machine.folder("home/dev/x"))
    if os.name == "posix":
        Path("Q:\\api").mkdir()
        Path("Q:\\api/.git").write_text("gitdir: /srv/other/.git/worktrees/y")
    assert machine.identify("Q:\\api").label == ""


def test_composed_and_decomposed_letters_are_one_project(machine: Machine) -> None:
    composed, decomposed = (unicodedata.normalize(form, "/srv/Büro") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert machine.identify(composed).key == machine.identify(decomposed).key
    assert machine.identify(composed).name == machine.identify(decomposed).name


def test_case_matters_exactly_where_it_does_to_the_file_system(machine: Machine) -> None:
    api, other = machine.folder("team/Api"), machine.root / "team" / "aPI"
    assert (machine.identify(api).key == machine.identify(other).key) == other.exists()


@posix_only
def test_a_link_in_the_other_case_does_not_show_that_case_is_ignored(machine: Machine) -> None:
    api = machine.folder("team/Api")
    other = machine.root / "team" / "aPI"
    if other.exists():
        pytest.skip("this file system ignores case")
    other.symlink_to(api)
    assert machine.identify(api).key.endswith("/Api")


def test_where_the_other_case_is_the_same_folder_case_is_folded(machine: Machine) -> None:
    # A second mount stands for a file system that ignores case: both find one folder under either name.
    mount = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*mount, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespaces here")
    api, other = machine.folder("team/Api"), machine.folder("team/aPI")
    program = (
        "import sys; from monitor_core.projects import *; print(identify(sys.argv[1], None, Surroundings('')).key)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def key_of(folder: Path, prepare: str) -> str:
        command = [
            *mount,
            f'{prepare}; exec "$0" "$@"',
            sys.executable,
            "-c",
            program,
            str(folder),
            str(api),
            str(other),
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=60)
        return done.stdout.strip()

    assert key_of(api, ":") == str(api)
    bind = 'mount --bind "$4" "$5"'.replace("$4", str(api)).replace("$5", str(other))
    for folder in (api, other, api / "Gone"):
        assert key_of(folder, bind) == str(machine.root / "team" / "api") + ("/gone" if folder.name == "Gone" else "")


def test_on_a_file_system_that_ignores_case_all_spellings_are_one_project(machine: Machine) -> None:
    folder, mount = machine.folder("disk"), machine.folder("Volumes")
    machine.folder("disk/Team/Api/.git")
    machine.folder("disk/Team/Api/Src")
    machine.folder("disk/Team/Notes")
    spellings = ["Team/Api", "team/aPI/sRC", "TEAM/API/Gone", "Team/Notes", "team/NOTES", "Team/Gone", "tEAM/gONE"]
    program = Path(__file__).with_name("ignoring_case.py")
    done = subprocess.run(
        [
            *("unshare", "--map-root-user", "--mount", sys.executable, str(program), str(folder), str(mount)),
            *(str(mount / spelling) for spelling in spellings),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        pytest.skip("no mount namespaces with FUSE here")
    keys = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    # The folder above the mount does not ignore case, and keeps it.
    parts = ["api"] * 3 + ["notes"] * 2 + ["gone"] * 2
    assert keys == [f"{mount}/team/{part}" for part in parts]


@pytest.mark.skipif(
    os.name == "nt" or Path("/USR").exists() or Path("/mnt/c").exists(), reason="case does not matter here"
)
@pytest.mark.parametrize(
    "path", ["/srv/Api", "/", "C:\\code\\Api", "D:\\", "\\\\server\\share\\Api", "/srv/Bu\u0308ro"]
)
def test_the_key_of_a_text_is_that_of_the_project_where_case_matters_and_nothing_is_linked(path: str) -> None:
    assert text_key(path) == at(path).key


# Names.


def test_a_name_that_nobody_shares_stays_as_it_is() -> None:
    assert distinct_names([("/home/dev/api", "api"), ("/home/dev/web", "web")]) == ["api", "web"]


def test_two_projects_of_one_name_are_told_apart_by_the_folder_above() -> None:
    assert distinct_names([("/home/dev/team/api", "api"), ("/home/dev/oss/api", "api")]) == ["api (team)", "api (oss)"]


def test_three_projects_of_one_name_take_as_much_of_the_path_as_each_needs() -> None:
    projects = [("/home/dev/team/api", "api"), ("/home/dev/oss/api", "api"), ("/home/dev/old/team/api", "api")]
    assert distinct_names(projects) == ["api (dev/team)", "api (oss)", "api (old/team)"]


def test_a_path_that_ends_like_all_of_another_is_told_apart() -> None:
    assert distinct_names([("/code/api", "api"), ("/old/code/api", "api")]) == ["api (code)", "api (old/code)"]


def test_renamed_projects_of_one_name_are_told_apart_by_their_own_folder() -> None:
    assert distinct_names([("/code/api", "Shop"), ("/code/web", "Shop")]) == ["Shop (api)", "Shop (web)"]


def test_names_that_no_part_of_the_path_tells_apart_show_the_whole_path() -> None:
    assert distinct_names([("/code/api", "api"), ("/code", "api")]) == ["api (/code/api)", "api (/code)"]


def test_a_windows_path_is_told_apart_by_its_folders_too() -> None:
    assert distinct_names([("C:\\code\\api", "api"), ("D:\\oss\\api", "api")]) == ["api (code)", "api (oss)"]


def test_a_folder_called_like_no_project_differs_from_no_project() -> None:
    assert distinct_names([("", NO_PROJECT), ("/code/" + NO_PROJECT, NO_PROJECT)]) == [
        NO_PROJECT,
        f"{NO_PROJECT} (code)",
    ]


parts = st.sampled_from(["api", "work", "oss", "a", "api (work)", "b) (a"])
separators = st.sampled_from(["/", "C:\\"])
names = st.sampled_from(["api", "work", "api (work)", "api (/a)", "/a", "a"])


@st.composite
def projects(draw: st.DrawFn) -> tuple[str, str]:
    folders = draw(st.lists(parts, min_size=1, max_size=4))
    root = draw(separators)
    path = root + ("/" if root == "/" else "\\").join(folders)
    return path, draw(st.one_of(st.just(folders[-1]), names))


many_projects = st.lists(projects(), max_size=12, unique_by=lambda project: project[0])


@given(many_projects)
@example([("/y", "a (/x)"), ("//y", "a (/x)"), ("/x) (/y", "a"), ("//x) (/y", "a")])  # as hostile as can be
def test_all_names_differ_when_all_paths_do(some: list[tuple[str, str]]) -> None:
    shown = distinct_names([*some, ("", NO_PROJECT)])
    assert len(set(shown)) == len(some) + 1
    assert shown[-1] == NO_PROJECT


@given(many_projects, st.randoms(use_true_random=False))
def test_names_do_not_depend_on_the_order_of_the_projects(some: list[tuple[str, str]], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert dict(zip(some, distinct_names(some), strict=True)) == dict(
        zip(shuffled, distinct_names(shuffled), strict=True)
    )
