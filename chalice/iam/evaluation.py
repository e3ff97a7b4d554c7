"""What IAM policies say of one action on one resource: the rules of AWS within one account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

```python
question = Question("s3:GetObject", "arn:aws:s3:::photos/cat.jpg", caller)
evaluate(question, Policies(identity=[Policy(document)])).decision  # Decision.ALLOWED
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from chalice.iam.evaluation_conditions import Condition, Context, parse_conditions
from chalice.iam.evaluation_patterns import Variables, matches_action, matches_resource


class Decision(Enum):
    """Nobody said a word is not the same as somebody said no."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_ALLOWED = "not allowed"


class Kind(Enum):
    """What a policy is attached to, in the words of AWS's refusals."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``arn`` is that of a user or of a role's session, whose ``role`` is the ARN of
    the role. A service has the name of its principal, ``lambda.amazonaws.com``, in ``service``.
    """

    arn: str = ""
    account: str = ""
    role: str | None = None
    service: str | None = None
    federated: str | None = None


ANYONE = Caller()
"""A caller of whom nothing is known."""


@dataclass(frozen=True, slots=True)
class Question:
    """May the caller do this with that? A resource that is not known is ``*``."""

    action: str
    resource: str
    caller: Caller = ANYONE
    context: Context = field(default_factory=Context)


class Reach(IntEnum):
    """How directly a statement names a caller, and so what its permission is worth."""

    NONE = 0
    ACCOUNT = 1  # the caller's account, which leaves it to the caller's own policies
    ROLE = 2  # the caller's role, within boundary and session policies
    CALLER = 3  # the caller itself


class Policy:
    """A policy document: ``{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", …}]}``.

    Raises ``ValueError`` for one that is not a policy.
    """

    def __init__(self, document: object) -> None:
        if not isinstance(document, Mapping):
            raise ValueError("the policy document is not an object")
        statements = document.get("Statement")
        if isinstance(statements, Mapping):
            statements = [statements]
        if not isinstance(statements, (list, tuple)):
            raise ValueError("the policy document has no list of statements")
        has_variables = document.get("Version") == "2012-10-17"
        self._statements = [_statement(item, has_variables) for item in statements]

    def decide(self, question: Question) -> Decision:
        """Return what the policy says; a denial beats any permission."""
        decision = Decision.NOT_ALLOWED
        for statement in self._statements:
            if statement.reach(question):
                if not statement.allows:
                    return Decision.DENIED
                decision = Decision.ALLOWED
        return decision

    def reach(self, question: Question) -> Reach:
        """Return how directly the policy, which must not deny it, allows what is asked."""
        reached = (each.reach(question) for each in self._statements if each.allows)
        return max(reached, default=Reach.NONE)

    def resources(self) -> Iterator[str]:
        """Yield the patterns of resources on which the policy allows something."""
        for statement in self._statements:
            if statement.allows and statement.resources and not statement.resources.is_negated:
                yield from statement.resources.listed


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that apply to a question.

    ``boundary`` and ``session`` None mean that there is none; an empty one allows nothing.
    ``resource_decides`` is for resources that nobody may use whom their own policy does not
    name, if only by the account: roles and keys.
    """

    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    session: Sequence[Policy] | None = None
    resource: Sequence[Policy] = ()
    resource_decides: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, and the kind of policy that made it, or whose permission is missing."""

    decision: Decision
    kind: Kind

    @property
    def is_allowed(self) -> bool:
        """Whether the caller may."""
        return self.decision is Decision.ALLOWED

    def because(self, action: str) -> str:
        """Return AWS's reason for a refusal: ``because no identity-based policy allows …``."""
        if self.decision is Decision.DENIED:
            article = "an" if self.kind is Kind.IDENTITY else "a"
            return f"with an explicit deny in {article} {self.kind.value}"
        return f"because no {self.kind.value} allows the {action} action"


def evaluate(question: Question, policies: Policies) -> Verdict:
    """Return what all the policies together say."""
    allowed: dict[Kind, bool] = {}
    for kind, some in _by_kind(policies):
        decisions = [policy.decide(question) for policy in some]
        if Decision.DENIED in decisions:
            return Verdict(Decision.DENIED, kind)
        allowed[kind] = Decision.ALLOWED in decisions
    reach = max((policy.reach(question) for policy in policies.resource), default=Reach.NONE)
    if policies.resource_decides and reach is Reach.NONE:
        return Verdict(Decision.NOT_ALLOWED, Kind.RESOURCE)
    if reach is Reach.CALLER:
        return Verdict(Decision.ALLOWED, Kind.RESOURCE)
    if not allowed[Kind.IDENTITY] and reach is not Reach.ROLE:
        return Verdict(Decision.NOT_ALLOWED, Kind.IDENTITY)
    for limit in (Kind.BOUNDARY, Kind.SESSION):
        if not allowed.get(limit, True):
            return Verdict(Decision.NOT_ALLOWED, limit)
    return Verdict(Decision.ALLOWED, Kind.IDENTITY if allowed[Kind.IDENTITY] else Kind.RESOURCE)


def _by_kind(policies: Policies) -> Iterable[tuple[Kind, Sequence[Policy]]]:
    yield Kind.IDENTITY, policies.identity
    yield Kind.RESOURCE, policies.resource
    if policies.boundary is not None:
        yield Kind.BOUNDARY, [policies.boundary]
    if policies.session is not None:
        yield Kind.SESSION, policies.session


@dataclass(frozen=True, slots=True)
class _Element:
    """``Action`` or ``NotAction``, and the like: what it lists, and whether all else is meant."""

    listed: tuple[str, ...]
    is_negated: bool


@dataclass(frozen=True, slots=True)
class _Statement:
    allows: bool
    actions: _Element
    resources: _Element | None
    principals: _Element | None
    conditions: tuple[Condition, ...]
    has_variables: bool

    def reach(self, question: Question) -> Reach:
        """Return how directly the statement is about the caller; NONE when it does not apply."""
        variables = question.context.variable if self.has_variables else None
        applies = (
            self._has_action(question.action)
            and self._has_resource(question.resource, variables)
            and all(each.holds(question.context, variables) for each in self.conditions)
        )
        return self._reach_of(question.caller) if applies else Reach.NONE

    def _has_action(self, action: str) -> bool:
        found = any(matches_action(pattern, action) for pattern in self.actions.listed)
        return found is not self.actions.is_negated

    def _has_resource(self, resource: str, variables: Variables | None) -> bool:
        if self.resources is None:
            return True
        found = any(
            matches_resource(pattern, resource, variables) for pattern in self.resources.listed
        )
        return found is not self.resources.is_negated

    def _reach_of(self, caller: Caller) -> Reach:
        if self.principals is None:
            return Reach.CALLER
        reach = max(
            (_reach(listed, caller) for listed in self.principals.listed), default=Reach.NONE
        )
        if self.principals.is_negated:
            return Reach.NONE if reach else Reach.CALLER
        return reach


def _reach(principal: str, caller: Caller) -> Reach:
    kind, _, name = principal.partition(" ")
    if name == "*" and kind in ("*", "AWS"):
        return Reach.CALLER if caller.role is None else Reach.ROLE
    if kind == "AWS":
        if caller.arn and name == caller.arn:
            return Reach.CALLER
        if name == caller.role:
            return Reach.ROLE
        account = name.split(":")[4] if name.endswith(":root") and name.count(":") == 5 else name
        is_account = bool(re.fullmatch(r"\d{12}", account)) and account == caller.account
        return Reach.ACCOUNT if is_account else Reach.NONE
    own = {"Service": caller.service, "Federated": caller.federated}.get(kind)
    return Reach.CALLER if own is not None and name in (own, "*") else Reach.NONE


def _statement(item: object, has_variables: bool) -> _Statement:
    if not isinstance(item, Mapping) or item.get("Effect") not in ("Allow", "Deny"):
        raise ValueError("a statement has no Effect of Allow or Deny")
    actions = _element(item, "Action")
    if actions is None:
        raise ValueError("a statement has no Action")
    resources, principals = _element(item, "Resource"), _principals(item)
    if resources is None and principals is None:
        raise ValueError("a statement has no Resource")
    conditions = parse_conditions(item.get("Condition") or {})
    return _Statement(
        item["Effect"] == "Allow", actions, resources, principals, conditions, has_variables
    )


def _element(item: Mapping[str, object], name: str) -> _Element | None:
    for key, is_negated in ((name, False), (f"Not{name}", True)):
        if key in item:
            return _Element(_texts(key, item[key]), is_negated)
    return None


def _principals(item: Mapping[str, object]) -> _Element | None:
    """Return the principals as ``AWS 123456789012``, ``Service lambda.amazonaws.com``, ``* *``."""
    for key, is_negated in (("Principal", False), ("NotPrincipal", True)):
        match item.get(key):
            case None:
                continue
            case "*":
                return _Element(("* *",), is_negated)
            case dict(kinds):
                named = tuple(
                    f"{kind} {name}" for kind, names in kinds.items() for name in _texts(key, names)
                )
                return _Element(named, is_negated)
            case _:
                raise ValueError(f"the {key} of a statement is neither * nor an object")
    return None


def _texts(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise ValueError(f"the {key} of a statement is neither a string nor a list of strings")
