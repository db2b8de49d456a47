"""The tables as peewee sees them. They are bound to no database: every query is executed on the one it is given."""

from __future__ import annotations

from peewee import (
    AutoField,
    BooleanField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Project(Model):
    """What a person calls one project. ``key`` decides equality, ``path`` is what they read."""

    id = AutoField()
    key = TextField(unique=True)
    path = TextField()
    name = TextField()

    class Meta:
        table_name = "project"


class ProjectPath(Model):
    """Which project the pair of a working directory and a session's start folder belongs to."""

    id = AutoField()
    cwd = TextField()
    project_dir = TextField()
    project = ForeignKeyField(Project)
    label = TextField()

    class Meta:
        table_name = "project_path"
        indexes = ((("cwd", "project_dir"), True),)


class Stream(Model):
    """One ``(session_id, agent_id)``; an empty ``agent_id`` is the session's main stream."""

    id = AutoField()
    session_id = TextField()
    agent_id = TextField()

    class Meta:
        table_name = "stream"
        indexes = ((("session_id", "agent_id"), True),)


class EventRow(Model):
    """One event, never changed. ``detail`` is a JSON object of the fields that no query asks for."""

    id = AutoField()
    uuid = TextField(unique=True)
    t = IntegerField()
    kind = TextField()
    stream = ForeignKeyField(Stream)
    place = ForeignKeyField(ProjectPath)
    awake = IntegerField(null=True)
    prompt_id = TextField(null=True)
    tool_name = TextField(null=True)
    tool_use_id = TextField(null=True)
    duration_ms = IntegerField(null=True)
    notification_type = TextField(null=True)
    auto = BooleanField()
    detail = TextField(null=True)

    class Meta:
        table_name = "event"


class EditRow(Model):
    """One entry of the journal of edits, never changed; ``document`` is its JSON."""

    id = AutoField()
    uuid = TextField(unique=True)
    at_ms = IntegerField()
    document = TextField()

    class Meta:
        table_name = "edit"
