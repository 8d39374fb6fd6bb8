"""The rules of the repository itself: what its locks, docs and scripts promise one another."""

import ast
import configparser
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import typer
import yaml

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
READMES = ("README.md", "README.zh-CN.md")
KINDS = {"added", "changed", "fixed", "removed", "security"}

# Written in parts, so that this file does not break the rule it holds.
REGISTRY_HOSTS = tuple(
    "".join(parts)
    for parts in (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("yarn", "pkg.com"),
        ("crates", ".io"),
        ("conda.ana", "conda.org"),
        ("deb.deb", "ian.org"),
        ("docker", ".io"),
        ("tuna.tsinghua", ".edu.cn"),
        ("mirrors.ali", "yun.com"),
    )
)
NOT_OURS = {".git", ".venv", ".venv-lock", ".demo", "build", "_build", "__pycache__", "node_modules"}


def our_files() -> list[Path]:
    """Every text file that belongs to the repository."""
    found = []
    for folder, below, files in os.walk(ROOT):
        below[:] = [b for b in below if b not in NOT_OURS and not b.endswith(("_cache", ".egg-info"))]
        below[:] = [b for b in below if b != ".hypothesis"]
        found += [Path(folder, name) for name in files]
    return [path for path in found if b"\0" not in path.read_bytes()[:8192]]


def requirements(lock: Path) -> list[str]:
    """The lock's requirements, each with its continuation lines."""
    lines = [line for line in lock.read_text().splitlines() if line and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return joined.splitlines()


def test_there_is_a_lock_for_each_purpose() -> None:
    """`./dev setup GROUP` finds its lock, and an extra without a lock cannot be installed reproducibly."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {lock.stem for lock in LOCKS} == {"demo", *extras}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_locked_package_has_one_version_and_its_hashes(lock: Path) -> None:
    """A package index that was tampered with cannot slip another file in."""
    for requirement in requirements(lock):
        assert re.match(r"^[a-z0-9-]+==[^ ;]+( ; [^\\]+?)? +--hash=sha256:[0-9a-f]{64}", requirement), (
            requirement
        )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_no_lock_names_an_address(lock: Path) -> None:
    """A lock installs from whatever index its user has set up."""
    assert "://" not in lock.read_text()
    assert "index-url" not in lock.read_text()


def test_the_locks_agree_with_one_another() -> None:
    """All locks install into one environment."""
    pins: dict[tuple[str, str], set[str]] = {}
    for lock in LOCKS:
        for requirement in requirements(lock):
            name, version, marker = re.match(
                r"^([a-z0-9-]+)==([^ ;]+)(?: ; (.+?))?(?= +--hash)", requirement
            ).groups()
            if marker is None or "python_full_version" in marker:
                pins.setdefault((name, marker or ""), set()).add(version)
    assert {key: versions for key, versions in pins.items() if len(versions) > 1} == {}


def test_every_direct_dependency_is_locked() -> None:
    """A dependency that was added without `./dev lock` shows here, not on a newcomer's machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for group, wanted in {"demo": project["dependencies"], **project["optional-dependencies"]}.items():
        locked = {requirement.partition("==")[0] for requirement in requirements(ROOT / f"locks/{group}.txt")}
        assert {re.match(r"[a-z0-9-]+", name)[0] for name in wanted} <= locked


def test_the_library_imports_only_what_it_declares() -> None:
    """A package that is there only because a test tool brought it would be missing in the demo."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = project["optional-dependencies"]
    declared = [
        *project["dependencies"],
        *extra["server"],
        *extra["spark"],
        *extra["train"],
    ]  # these when asked for
    wanted = {re.match(r"[a-z0-9-]+", name)[0] for name in declared}
    found = packages_distributions()  # what is not installed, such as PySpark, goes by its module's name
    strangers: dict[str, list[str]] = {}
    for module in (ROOT / "src").rglob("*.py"):
        for name in imported(module) - sys.stdlib_module_names - {"suixin"}:
            if not wanted & {owner.lower().replace("_", "-") for owner in found.get(name, [name])}:
                strangers.setdefault(name, []).append(module.relative_to(ROOT).as_posix())
    assert strangers == {}


def imported(module: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Where packages come from is the user's choice, not the repository's."""
    naming = {
        path.relative_to(ROOT).as_posix(): [host for host in REGISTRY_HOSTS if host in text]
        for path in our_files()
        if any(
            host in (text := path.read_text(encoding="utf-8", errors="replace")) for host in REGISTRY_HOSTS
        )
    }
    assert naming == {}


def test_every_dependency_is_explained() -> None:
    """docs/explanation/dependencies.md says of each why it is there, and of nothing that is gone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {
        re.match(r"[a-z0-9-]+", name)[0]
        for group in (project["dependencies"], *project["optional-dependencies"].values())
        for name in group
    }
    page = (ROOT / "docs/explanation/dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE)) - {"package"} == named


def help_page(*arguments: str) -> str:
    return subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True, check=True).stdout


def test_every_dev_verb_in_the_docs_exists() -> None:
    """Nobody is sent to a verb that ./dev does not have."""
    verbs = set(re.findall(r"^  ([a-z]+) ", help_page("help"), re.MULTILINE))
    assert {"setup", "demo", "test", "check", "bench", "lock", "help"} == verbs
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\./dev ([a-z]+)", text)) <= verbs, path


def test_an_unknown_verb_is_refused_with_the_list_of_verbs() -> None:
    """A slip of the fingers costs one look."""
    done = subprocess.run([ROOT / "dev", "demoo"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no verb is called 'demoo'" in done.stderr
    assert "demo [--no-serve]" in done.stderr


def command_tree() -> dict[str, object]:
    """The commands of the program, `lake status` under its two words."""
    cli = importlib.import_module("suixin.cli")
    app = cli.command_tree()

    def below(command: object, words: tuple[str, ...]) -> dict[str, object]:
        tree = {" ".join(words): command}
        for name, inner in getattr(command, "commands", {}).items():
            tree |= below(inner, (*words, name))
        return tree

    return below(typer.main.get_command(app), ())


@pytest.mark.skipif(importlib.util.find_spec("suixin.cli") is None, reason="suixin.cli is not built yet")
def test_every_command_and_option_in_the_docs_exists() -> None:
    """What the docs tell people to type, the program knows."""
    tree = command_tree()
    for path in [ROOT / name for name in READMES] + sorted((ROOT / "docs").rglob("*.md")):
        for line in re.findall(
            r"^ *(?:\.venv/bin/)?suixin ([a-z].*)$", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            if "|" in line:
                continue  # a synopsis, not a command
            words = line.split()
            names = [" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in tree]
            assert names, f"{path.name}: suixin {line}"
            options = {
                option for param in tree[names[0]].params for option in (*param.opts, *param.secondary_opts)
            }
            assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, (
                f"{path}: {line}"
            )


def test_every_decision_is_numbered_and_listed() -> None:
    """The records run from 0001 without a gap, each in the index and under its own number."""
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [record.name[:4] for record in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    index = (ROOT / "docs/decisions/index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d{4}-[a-z0-9-]+)$", index, re.MULTILINE)
    assert listed == [record.stem for record in records]
    for record in records:
        assert record.read_text(encoding="utf-8").startswith(f"# {record.name[:4]} ")


def test_the_two_readmes_tell_the_same_story() -> None:
    """Same headings, same pictures, same commands, in the same order; only the language differs."""
    first, second = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    for pattern in (r"^(#+) ", r"!\[.*?\]\((.*?)\)", r"^(suixin .*)$", r"^(\./dev [a-z]+)"):
        assert re.findall(pattern, first, re.MULTILINE) == re.findall(pattern, second, re.MULTILINE)


def test_every_link_and_picture_of_our_pages_is_there() -> None:
    """READMEs and CONTRIBUTING are not part of the docs' build, so nothing else looks at their links."""
    for page in ROOT.glob("*.md"):
        for target in re.findall(r"\[[^\]]*\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert "://" in target or (ROOT / target).exists(), f"{page.name}: {target}"


def test_every_changelog_fragment_has_an_issue_a_kind_and_something_to_say() -> None:
    """A fragment that the release notes would drop or repeat is found when it is written."""
    texts: dict[str, str] = {}
    for fragment in (ROOT / "changelog.d").iterdir():
        match = re.fullmatch(r"(\d+)\.([a-z]+)(\.\d+)?\.md", fragment.name)
        assert match, f"{fragment.name}: call it <issue>.<kind>.md"
        assert match[2] in KINDS, f"{fragment.name}: the kinds are {', '.join(sorted(KINDS))}"
        text = fragment.read_text(encoding="utf-8").strip()
        assert text, f"{fragment.name} is empty"
        assert text not in texts, f"{fragment.name} repeats {texts[text]}"
        texts[text] = fragment.name


def test_the_glossary_gives_each_term_once_in_both_languages() -> None:
    """One concept, one name."""
    page = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = [
        row
        for row in re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
        if row[0] != "中文"
    ]
    assert len(rows) >= 50
    assert all(zh.strip() and en.strip() and meaning.strip() for zh, en, meaning in rows)
    assert len({zh for zh, _, _ in rows}) == len({en for _, en, _ in rows}) == len(rows)


# Requirements of levels 1 and 2 by chapter, counted in OWASP's text of version 5.0.0.
ASVS = dict(
    zip(
        range(1, 18),
        [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7],
        strict=True,
    )
)


def test_the_security_table_leaves_nothing_out_and_names_tests_that_exist() -> None:
    """Each requirement once, in one of three states; what is called tested is, by the tests that are named."""
    text = (ROOT / "docs" / "reference" / "asvs.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (\d+)\.(\d+)\.(\d+) \| ([12]) \| [^|]+ \| ([a-z ]+): ([^|]+) \|$", text, re.MULTILINE
    )
    numbers = [tuple(map(int, row[:3])) for row in rows]
    assert numbers == sorted(set(numbers))
    assert {chapter: sum(one[0] == chapter for one in numbers) for chapter in ASVS} == ASVS
    assert sum(row[3] == "1" for row in rows) == 70
    counts = {state: sum(row[4] == state for row in rows) for state in ("tested", "not applicable", "open")}
    assert {state: re.search(rf"\*\*{state}\*\*:.*?; (\d+)\.", text)[1] for state in counts} == {  # type: ignore[index]
        state: str(count) for state, count in counts.items()
    }
    assert sum(counts.values()) == len(rows) == 253
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert set(re.findall(r"`(test_\w+)`", text)) - there == set()
    assert all("`test_" in row[5] for row in rows if row[4] == "tested")


def settings_in(*folders: str) -> set[str]:
    """Every setting of the environment that the files of these folders name."""
    files = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix not in {".pyc", ".mo", ".otf"}
    ]
    texts = (path.read_text(encoding="utf-8") for path in files if path.is_file())
    return set(re.findall(r"\bSUIXIN_[A-Z_]*[A-Z]\b", " ".join(texts)))


def test_every_setting_is_explained_and_what_is_deployed_sets_no_other() -> None:
    """A name that the program does not read would be set in vain; one that is not on the page cannot be found."""
    read = settings_in("src/suixin")
    page = (ROOT / "docs" / "how-to" / "run-the-server.md").read_text(encoding="utf-8")
    assert {name for name in read if name not in page} == set()
    assert settings_in("deploy") - read == {
        "SUIXIN_DATABASE_PASSWORD"
    }  # which Compose puts into SUIXIN_DATABASE


def units() -> dict[str, configparser.RawConfigParser]:
    """systemd's units by their name."""
    found = {}
    for path in sorted((ROOT / "deploy").glob("suixin*.*")):
        found[path.name] = configparser.RawConfigParser(strict=True, interpolation=None)
        found[path.name].optionxform = str  # type: ignore[assignment,method-assign]
        found[path.name].read_string(path.read_text(encoding="utf-8"))
    return found


def deployed() -> list[list[str]]:
    """The commands of the program in the units and in Compose, as words."""
    lines = [one["Service"]["ExecStart"] for one in units().values() if one.has_section("Service")]
    words = [shlex.split(re.search(r"\.venv/bin/suixin ([^']+)", line)[1]) for line in lines]  # type: ignore[index]
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    return words + [one["command"][1:] for one in compose["services"].values() if "command" in one]


def test_what_is_deployed_are_commands_of_the_program() -> None:
    """Units and Compose start what there is, with options that it knows; the units keep the server to its own folder."""
    tree, found = command_tree(), deployed()
    assert [" ".join(words[:2]) for words in found] == [
        "db backup",
        "serve --host",
        "db migrate",
        "serve --host",
    ]
    for words in found:
        name = next(" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in tree)
        options = {option for param in tree[name].params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options
    service = units()["suixin.service"]["Service"]
    kept = {"User": "suixin", "ProtectSystem": "strict", "StateDirectory": "suixin", "NoNewPrivileges": "yes"}
    assert {name: service[name] for name in kept} == kept


def test_tests_that_share_what_takes_long_stay_on_one_worker(request: pytest.FixtureRequest) -> None:
    """A pytest that xdist does not know yet scatters them without a word, and each worker makes everything anew."""
    if not hasattr(request.config, "workerinput"):
        pytest.skip("there are no workers; run it by ./dev test")
    grouped = [item for item in request.session.items if item.get_closest_marker("xdist_group")]
    assert [item.nodeid for item in grouped if "@" not in item.nodeid.rpartition("]")[2]] == []
