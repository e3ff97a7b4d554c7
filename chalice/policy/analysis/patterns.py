"""``case`` patterns: what they bind, and whether they surely match."""

from __future__ import annotations

import ast

from chalice.policy.analysis.attributes import attribute
from chalice.policy.analysis.containers import item
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.expressions import evaluate
from chalice.policy.analysis.iteration import elements
from chalice.policy.analysis.names import store
from chalice.policy.analysis.truth import compared
from chalice.policy.analysis.values import NOTHING, Value, ordered


def matches(frame: Frame, pattern: ast.pattern, subject: Value) -> bool | None:
    """Bind the names of a pattern; return whether it matches, None when it may or may not."""
    match pattern:
        case ast.MatchValue(value=value):
            return compared(frame, subject, ast.Eq(), evaluate(frame, value))
        case ast.MatchSingleton(value=value):
            constant = frozenset({frame.atoms.constant(value)})
            return compared(frame, subject, ast.Is(), constant)
        case ast.MatchAs(pattern=inner, name=name):
            way = True if inner is None else matches(frame, inner, subject)
            if name is not None:
                store(frame, name, subject)
            return way
        case ast.MatchOr(patterns=patterns):
            ways = [matches(frame, each, subject) for each in patterns]
            if True in ways:
                return True
            return False if all(way is False for way in ways) else None
        case ast.MatchSequence(patterns=patterns):
            for index, each in enumerate(patterns):
                position = frozenset({frame.atoms.constant(index)})
                matches(frame, each, _item(frame, subject, position))
        case ast.MatchStar(name=str(name)):
            store(frame, name, frame.atoms.sequence(elements(frame, pattern, subject)))
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            for key, each in zip(keys, patterns, strict=True):
                matches(frame, each, _item(frame, subject, evaluate(frame, key)))
            if rest is not None:
                store(frame, rest, subject)
        case ast.MatchClass(cls=cls, patterns=patterns, kwd_attrs=names, kwd_patterns=named):
            evaluate(frame, cls)
            for each in patterns:
                matches(frame, each, subject if len(patterns) == 1 else frame.atoms.unknown)
            for name, each in zip(names, named, strict=True):
                matches(frame, each, attribute(frame, pattern, subject, name))
    return None


def _item(frame: Frame, subject: Value, index: Value) -> Value:
    found = [item(frame, atom, index) for atom in ordered(subject)]
    return frame.atoms.join(NOTHING, *found) or frame.atoms.unknown
