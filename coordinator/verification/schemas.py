"""Shapes of checkpoints, proofs and keys."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from coordinator.fields import Moment, Page, Shape

HEX = validate.Regexp(r"^[0-9a-f]*$")


def Seal(**kwargs: Any) -> fields.String:
    """32 bytes in hexadecimal."""
    return fields.String(required=True, validate=[validate.Length(equal=64), HEX], **kwargs)


class CheckpointQuery(Page):
    pass


class BundleQuery(Shape):
    at = fields.Integer(validate=validate.Range(0, 2**62), metadata={"description": "journal position; the present one when left out"})

    release = fields.Integer(validate=validate.Range(1, 2**31 - 1), metadata={"description": "the position of this release instead"})

    @validates_schema
    def one_of(self, data: dict, **_: object) -> None:
        if {"at", "release"} <= data.keys():
            raise ValidationError("Name a position or a release, not both.", "release")


class DefinitionsReached(Shape):
    number = fields.Integer(required=True)
    seal = Seal()


class CheckpointOut(Shape):
    form = fields.String(required=True)
    operation = fields.String(required=True)
    number = fields.Integer(required=True)
    before = Seal(metadata={"description": "SHA-256 of the text of the checkpoint before"})
    position = fields.Integer(required=True)
    seal = Seal(metadata={"description": "the journal's seal at that position"})
    margin = Seal(metadata={"description": "the same over what stands beside the entries"})
    definitions = fields.Nested(DefinitionsReached, required=True)
    acts = fields.List(fields.String(), required=True, metadata={"description": "SHA-256 of each act that none before has named"})
    at = Moment(required=True)
    key = Seal(metadata={"description": "the public key that signed it"})
    text = fields.String(required=True, metadata={"description": "what was signed: all of the above as canonical JSON (RFC 8785)"})
    signature = fields.String(required=True, validate=[validate.Length(equal=128), HEX], metadata={"description": "Ed25519, 64 bytes"})


class CheckpointList(Shape):
    items = fields.List(fields.Nested(CheckpointOut), required=True)
    next = fields.String(required=True, allow_none=True)


class Proof(Shape):
    id = fields.UUID(required=True)
    digest = fields.String(required=True)
    position = fields.Integer(required=True)
    before = Seal(metadata={"description": "the seal of the position before"})
    seal = Seal(metadata={"description": "SHA-256 of `before`, the position as 8 bytes, and the digest"})
    checkpoint = fields.Nested(CheckpointOut, required=True, allow_none=True)


class SigningKey(Shape):
    algorithm = fields.String(required=True)
    key = Seal(metadata={"description": "the public key, 32 bytes"})
    pem = fields.String(required=True)
