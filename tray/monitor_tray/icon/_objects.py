"""Objects on the bus: tables of methods, properties and signals, and the answers that follow from them.

Properties, Introspectable and Peer are answered here, from the tables, for every object alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from jeepney import HeaderFields, Message, MessageFlag, new_error, new_method_return

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Body: TypeAlias = "tuple[Any, ...]"
#: A value as jeepney sends a variant: its signature, itself.
Variant: TypeAlias = "tuple[str, Any]"

_PEER = "org.freedesktop.DBus.Peer"
_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ERRORS = "org.freedesktop.DBus.Error."
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


class CallError(Exception):
    """A method cannot be answered; ``name`` is the last part of a standard D-Bus error."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class AnsweredLaterError(Exception):
    """Not a fault: the method's reply is sent by somebody else, later."""


@dataclass(frozen=True, slots=True)
class Method:
    """``answer`` gets the call and gives the reply's body, or raises `CallError` or `AnsweredLaterError`."""

    takes: str
    gives: str
    answer: Callable[[Message], Body]


@dataclass(frozen=True, slots=True)
class Property:
    """A property that only we change."""

    signature: str
    value: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface; ``signals`` are names and signatures, for introspection."""

    name: str
    methods: Mapping[str, Method] = field(default_factory=dict)
    properties: Mapping[str, Property] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)


class BusObject:
    """One object path with its interfaces. ``children`` are the last parts of the paths below."""

    def __init__(self, *interfaces: Interface, children: Sequence[str] = ()) -> None:
        self._children = children
        self._own = interfaces
        standard = (
            Interface(
                _PEER,
                {"Ping": Method("", "", lambda _: ()), "GetMachineId": Method("", "s", lambda _: (_machine_id(),))},
            ),
            Interface(_INTROSPECTABLE, {"Introspect": Method("", "s", lambda _: (self._describe(),))}),
            Interface(
                _PROPERTIES,
                {
                    "Get": Method("ss", "v", lambda call: (self._property(*call.body),)),
                    "GetAll": Method("s", "a{sv}", lambda call: (self._properties(*call.body),)),
                    "Set": Method("ssv", "", _refuse_to_set),
                },
            ),
        )
        self._interfaces = {interface.name: interface for interface in (*standard, *interfaces)}

    def answer(self, call: Message) -> Message | None:
        """The reply to a method call; None where nobody waits for one, or where it comes later."""
        try:
            method = self._method(call.header.fields)
            return reply_to(call, method.gives, method.answer(call))
        except AnsweredLaterError:
            return None
        except CallError as error:
            return _if_wanted(call, new_error(call, _ERRORS + error.name, "s", (str(error),)))

    def _method(self, fields: Mapping[HeaderFields, Any]) -> Method:
        member, wanted = fields[HeaderFields.member], fields.get(HeaderFields.interface)
        for interface in self._interfaces.values():
            if wanted in {None, interface.name} and member in interface.methods:
                method = interface.methods[member]
                if fields.get(HeaderFields.signature, "") != method.takes:
                    raise CallError("InvalidArgs", f"{member} takes ({method.takes})")
                return method
        raise CallError("UnknownMethod", f"there is no {wanted}.{member}")

    def _property(self, interface: str, name: str) -> Variant:
        found = self._interfaces.get(interface, Interface(interface)).properties.get(name)
        if found is None:
            raise CallError("UnknownProperty", f"there is no {interface}.{name}")
        return found.signature, found.value()

    def _properties(self, interface: str) -> dict[str, Variant]:
        # An empty name means all interfaces
        return {
            name: (each.signature, each.value())
            for own in self._own
            if interface in {"", own.name}
            for name, each in own.properties.items()
        }

    def _describe(self) -> str:
        interfaces = "".join(map(_describe_interface, self._interfaces.values()))
        children = "".join(f'<node name="{child}"/>' for child in self._children)
        return f"<node>{interfaces}{children}</node>"


def reply_to(call: Message, signature: str, body: Body) -> Message | None:
    """The reply to ``call``; None where nobody waits for one."""
    return _if_wanted(call, new_method_return(call, signature or None, body))


def complete_types(signature: str) -> list[str]:
    """A signature taken apart: ``ia{sv}as`` is ``i``, ``a{sv}``, ``as``."""
    found, start, depth = [], 0, 0
    for position, character in enumerate(signature):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(character, 0)
        if not depth and character != "a":
            found.append(signature[start : position + 1])
            start = position + 1
    return found


def _if_wanted(call: Message, reply: Message) -> Message | None:
    return None if call.header.flags & MessageFlag.no_reply_expected else reply


def _refuse_to_set(call: Message) -> Body:
    raise CallError("PropertyReadOnly", f"{call.body[1]} cannot be set")


def _describe_interface(interface: Interface) -> str:
    methods = "".join(
        f'<method name="{name}">{_arguments(method.takes, "in")}{_arguments(method.gives, "out")}</method>'
        for name, method in interface.methods.items()
    )
    properties = "".join(
        f'<property name="{name}" type="{each.signature}" access="read"/>'
        for name, each in interface.properties.items()
    )
    signals = "".join(
        f'<signal name="{name}">{_arguments(signature, "out")}</signal>'
        for name, signature in interface.signals.items()
    )
    return f'<interface name="{interface.name}">{methods}{properties}{signals}</interface>'


def _arguments(signature: str, direction: str) -> str:
    return "".join(f'<arg type="{each}" direction="{direction}"/>' for each in complete_types(signature))


def _machine_id() -> str:
    for path in _MACHINE_IDS:
        if path.exists():
            return path.read_text(encoding="ascii").strip()
    raise CallError("FileNotFound", "this machine has no id")
