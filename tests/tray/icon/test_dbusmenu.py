from __future__ import annotations

import pytest

from monitor_tray.icon._dbusmenu import REMEMBERED, ROOT, ExportedMenu, Line
from monitor_tray.icon._objects import CallError, complete_types

SEPARATOR = Line({"type": ("s", "separator")})


def line(text: str, said: list[str] | None = None, **properties: tuple[str, object]) -> Line:
    heard = [] if said is None else said
    return Line({"label": ("s", text), **properties}, lambda: heard.append(text))


def ids(menu: ExportedMenu) -> list[int]:
    _, (_, _, children) = menu.layout(ROOT, -1, [])
    return [number for _, (number, _, _) in children]


def test_same_shape_changes_in_place_and_names_only_what_differs() -> None:
    menu = ExportedMenu()
    menu.replace([line("a"), SEPARATOR, line("b", enabled=("b", False))])
    before, revision = ids(menu), menu.revision

    change = menu.replace([line("A"), SEPARATOR, line("b")])

    assert change.updated == [(before[0], {"label": ("s", "A")})]
    assert change.removed == [(before[2], ["enabled"])]
    assert not change.new_layout
    assert (ids(menu), menu.revision) == (before, revision)


def test_equal_menu_is_no_change() -> None:
    menu = ExportedMenu()
    menu.replace([line("a")])

    assert not menu.replace([line("a")])


def test_another_shape_uses_no_number_twice_and_raises_the_revision() -> None:
    menu, seen = ExportedMenu(), set[int]()
    for count in (1, 2, 1, 3, 0, 2):
        revision = menu.revision
        assert menu.replace([line("x")] * count).new_layout
        assert menu.revision > revision
        assert not seen & set(ids(menu))
        seen |= set(ids(menu))


def test_click_on_an_earlier_menu_does_what_it_said() -> None:
    menu, said = ExportedMenu(), list[str]()
    menu.replace([line("old", said)])
    number = ids(menu)[0]
    menu.replace([line("new", said), SEPARATOR])

    action = menu.click(number)

    assert action is not None
    action()
    assert said == ["old"]


def test_earlier_menus_are_forgotten_in_the_end() -> None:
    menu = ExportedMenu()
    menu.replace([line("first")])
    first = ids(menu)[0]
    for count in range(REMEMBERED):
        menu.replace([line("x")] * (1 + count % 2))

    assert not menu.knows(first)
    with pytest.raises(CallError, match=f"no entry {first}"):
        menu.click(first)


def test_separator_and_disabled_entry_do_nothing() -> None:
    menu = ExportedMenu()
    menu.replace([SEPARATOR])

    assert menu.click(ids(menu)[0]) is None


def test_depth_nought_is_the_root_alone_and_names_select() -> None:
    menu = ExportedMenu()
    menu.replace([line("a", visible=("b", False))])
    number = ids(menu)[0]

    assert menu.layout(ROOT, 0, [])[1] == (ROOT, {"children-display": ("s", "submenu")}, [])
    assert menu.layout(number, -1, ["label"])[1] == (number, {"label": ("s", "a")}, [])
    assert menu.properties([], ["visible"]) == [(ROOT, {}), (number, {"visible": ("b", False)})]
    assert menu.property(number, "label") == ("s", "a")
    with pytest.raises(CallError, match="no icon-name"):
        menu.property(number, "icon-name")


def test_signature_is_taken_apart_into_complete_types() -> None:
    assert complete_types("ia{sv}asa(ia{sv}av)v") == ["i", "a{sv}", "as", "a(ia{sv}av)", "v"]


def tree(text: str, *children: Line) -> Line:
    return Line({"label": ("s", text), "children-display": ("s", "submenu")}, children=children)


def test_a_menu_within_a_menu_is_laid_out_to_the_depth_that_is_asked_for() -> None:
    menu = ExportedMenu()
    menu.replace([line("a"), tree("b", line("c"), tree("d", line("e")))])

    def labels(node: tuple[int, dict[str, tuple[str, str]], list[tuple[str, object]]]) -> list[object]:
        _, properties, children = node
        return [properties.get("label", ("s", "root"))[1], *(labels(child) for _, child in children)]  # type: ignore[arg-type]

    assert labels(menu.layout(ROOT, -1, [])[1]) == ["root", ["a"], ["b", ["c"], ["d", ["e"]]]]
    assert labels(menu.layout(ROOT, 1, [])[1]) == ["root", ["a"], ["b"]]
    assert labels(menu.layout(ids(menu)[1], 1, [])[1]) == ["b", ["c"], ["d"]]
    assert labels(menu.layout(ROOT, 0, [])[1]) == ["root"]


def test_an_entry_within_is_changed_in_place_and_clicked_by_its_own_number() -> None:
    menu, said = ExportedMenu(), list[str]()
    menu.replace([tree("a", line("b", said), line("c", said))])
    number = menu.layout(ids(menu)[0], 1, [])[1][2][1][1][0]

    change = menu.replace([tree("a", line("b", said), line("d", said))])

    assert change.updated == [(number, {"label": ("s", "d")})]
    assert not change.new_layout
    action = menu.click(number)
    assert action is not None
    action()
    assert said == ["d"]


def test_another_number_of_entries_within_is_another_shape() -> None:
    menu = ExportedMenu()
    menu.replace([tree("a", line("b")), line("c")])
    before = set(ids(menu))

    assert menu.replace([tree("a", line("b"), line("d")), line("c")]).new_layout
    assert not before & set(ids(menu))


def test_what_opens_a_menu_of_its_own_is_not_clicked() -> None:
    menu = ExportedMenu()
    menu.replace([tree("a", line("b"))])

    assert menu.click(ids(menu)[0]) is None
