"""What templates say: functions, conditions, parameters, and what cannot be."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from chalice.cloud import CloudStatus
from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.expressions import Expressions, NoOutputs, references
from chalice.cloud.stacks.kinds import known_types
from chalice.cloud.stacks.parameters import choose_values, typed_values
from chalice.cloud.stacks.template import parse_template
from tests.cloud.aws import client, unique
from tests.cloud.stacks.lab import StackLab, template
from tests.cloud.stacks.test_resources import FAMILIES

VALUES = {
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "shop",
    "Text": "a",
    "Empty": "",
    "List": ["x", "y", "z"],
}
TEMPLATE = {
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Conditions": {
        "IsA": {"Fn::Equals": [{"Ref": "Text"}, "a"]},
        "IsB": {"Fn::Equals": [{"Ref": "Text"}, "b"]},
        "Either": {"Fn::Or": [{"Condition": "IsA"}, {"Condition": "IsB"}]},
        "Both": {"Fn::And": [{"Condition": "IsA"}, {"Condition": "IsB"}]},
        "NotB": {"Fn::Not": [{"Condition": "IsB"}]},
        "Loop": {"Fn::Not": [{"Condition": "Loop"}]},
    },
    "Mappings": {"Sizes": {"a": {"Memory": 128}, "eu-west-1": {"List": ["p", "q"]}}},
}
QUEUE = {"Ref": "Queue"}
ARN = {"Fn::GetAtt": ["Queue", "Arn"]}


class Outputs:
    """A queue."""

    def ref(self, logical_id: str) -> Any:
        return {"Queue": "https://queue"}[logical_id]

    def attribute(self, logical_id: str, name: str) -> Any:
        return {("Queue", "Arn"): "arn:aws:sqs:eu-west-1:1:q"}[logical_id, name]


def expressions(outputs: Any) -> Expressions:
    return Expressions(TEMPLATE, VALUES, outputs, lambda name: f"<{name}>")


KNOWN: list[tuple[Any, Any]] = [
    ({"Ref": "Text"}, "a"),
    ({"Ref": "List"}, ["x", "y", "z"]),
    ({"Fn::Sub": "${Text}-${AWS::Region}-${!Not}"}, "a-eu-west-1-${Not}"),
    ({"Fn::Sub": ["${Text}${Own}", {"Own": {"Fn::Select": [1, {"Ref": "List"}]}}]}, "ay"),
    ({"Fn::Join": [":", ["a", {"Ref": "Text"}, 3, True]]}, "a:a:3:true"),
    ({"Fn::Join": [",", {"Ref": "List"}]}, "x,y,z"),
    ({"Fn::Split": ["-", "a-b"]}, ["a", "b"]),
    ({"Fn::Select": ["2", {"Fn::Split": [":", "a:b:c"]}]}, "c"),
    ({"Fn::FindInMap": ["Sizes", {"Ref": "Text"}, "Memory"]}, 128),
    ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "List"]}, ["p", "q"]),
    ({"Fn::FindInMap": ["Sizes", "none", "Memory", {"DefaultValue": 5}]}, 5),
    ({"Fn::Base64": "hi"}, "aGk="),
    ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
    ({"Fn::Cidr": ["10.0.0.0/24", 2, 5]}, ["10.0.0.0/27", "10.0.0.32/27"]),
    ({"Fn::ImportValue": {"Fn::Sub": "${Text}-out"}}, "<a-out>"),
    ({"Fn::If": ["IsA", {"x": 1}, {"Ref": "Nowhere"}]}, {"x": 1}),
    ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
    ({"Fn::If": ["Both", "yes", "no"]}, "no"),
    ({"Fn::If": ["NotB", "yes", "no"]}, "yes"),
    (
        {"a": {"Fn::If": ["IsB", 1, {"Ref": "AWS::NoValue"}]}, "b": [{"Ref": "AWS::NoValue"}]},
        {"b": []},
    ),
    ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ({"Ref": "a", "other": 1}, {"Ref": "a", "other": 1}),
]
WAITING: list[tuple[Any, Any, Any]] = [
    (QUEUE, QUEUE, "https://queue"),
    ({"Fn::GetAtt": "Queue.Arn"}, {"Fn::GetAtt": "Queue.Arn"}, "arn:aws:sqs:eu-west-1:1:q"),
    (
        {"Fn::Join": ["/", [{"Ref": "Text"}, QUEUE]]},
        {"Fn::Join": ["/", ["a", QUEUE]]},
        "a/https://queue",
    ),
    (
        {"Fn::Sub": "${Text}/${Queue.Arn}"},
        {"Fn::Sub": ["${Text}/${Queue.Arn}", {"Text": "a"}]},
        "a/arn:aws:sqs:eu-west-1:1:q",
    ),
    (
        {"Fn::Sub": ["${X}${!Y}", {"X": ARN}]},
        {"Fn::Sub": ["${X}${!Y}", {"X": ARN}]},
        "arn:aws:sqs:eu-west-1:1:q${Y}",
    ),
    (
        {"Fn::Select": [5, {"Fn::Split": [":", ARN]}]},
        {"Fn::Select": [5, {"Fn::Split": [":", ARN]}]},
        "q",
    ),
    ({"Fn::If": ["IsA", ARN, "x"]}, ARN, "arn:aws:sqs:eu-west-1:1:q"),
]


@pytest.mark.parametrize(("node", "value"), KNOWN, ids=str)
def test_a_function_has_its_value_before_anything_is_made(node: Any, value: Any) -> None:
    assert expressions(NoOutputs()).evaluate(node) == value


@pytest.mark.parametrize(("node", "before", "after"), WAITING, ids=str)
def test_a_function_of_a_resource_waits_for_it(node: Any, before: Any, after: Any) -> None:
    waiting = expressions(NoOutputs()).evaluate(node)
    assert waiting == before
    assert set(references(waiting)) == {"Queue"}
    assert expressions(Outputs()).evaluate(waiting) == after


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        ({"Ref": "Nowhere"}, r"Unresolved resource dependencies \[Nowhere\]"),
        ({"Fn::GetAtt": ["Nowhere", "Arn"]}, "references undefined resource Nowhere"),
        ({"Fn::Sub": "${Nowhere}"}, r"Unresolved resource dependencies \[Nowhere\]"),
        ({"Fn::Sub": 3}, "don't specify expected arguments"),
        ({"Fn::Join": ["a", "b", "c"]}, "every Fn::Join object has a certain form"),
        ({"Fn::Select": [9, ["a"]]}, "every Fn::Select object has a certain form"),
        ({"Fn::FindInMap": ["Sizes", "none", "Memory"]}, "Unable to get mapping for Sizes::none"),
        ({"Fn::If": ["None", 1, 2]}, "Unresolved condition dependency None"),
        ({"Fn::If": ["Loop", 1, 2]}, "Circular dependency of condition Loop"),
        ({"Fn::If": ["IsA", 1]}, "requires a list argument with three elements"),
        ({"Fn::Equals": [QUEUE, "a"]}, "Cannot reference resources in the Conditions block"),
        ({"Fn::Shout": "a"}, "does not know the function Fn::Shout"),
    ],
    ids=str,
)
def test_a_function_that_cannot_be_is_refused(node: Any, sentence: str) -> None:
    with pytest.raises(StackError, match=sentence):
        expressions(NoOutputs()).evaluate(node)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "b", "Type"]), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_what_is_no_function_stays_as_it_is(node: Any) -> None:
    assert expressions(NoOutputs()).evaluate(node) == node


def test_yaml_has_short_forms_and_dates_are_text() -> None:
    found = parse_template("""
AWSTemplateFormatVersion: 2010-09-09
Conditions:
  A: !Equals [!Ref X, 2020-01-01]
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      a: !GetAtt Q.Arn.More
      b: !Sub "${X}"
      c: !If [A, !Join ["", [!Ref X]], !Ref "AWS::NoValue"]
      d: !Condition A
      e: !FindInMap {a: 1}
""")
    assert found["Conditions"]["A"] == {"Fn::Equals": [{"Ref": "X"}, "2020-01-01"]}
    assert found["Resources"]["Q"]["Properties"] == {
        "a": {"Fn::GetAtt": ["Q", "Arn.More"]},
        "b": {"Fn::Sub": "${X}"},
        "c": {"Fn::If": ["A", {"Fn::Join": ["", [{"Ref": "X"}]]}, {"Ref": "AWS::NoValue"}]},
        "d": {"Condition": "A"},
        "e": {"Fn::FindInMap": {"a": 1}},
    }


@pytest.mark.parametrize(
    ("about", "text", "sentence"),
    [
        ({"AllowedValues": ["a", "b"]}, "c", r"must be one of \[a, b\]"),
        ({"AllowedPattern": "[a-z]+"}, "A", r"must match pattern \[a-z\]\+"),
        ({"AllowedPattern": "a", "ConstraintDescription": "say a"}, "b", "constraint: say a"),
        ({"MinLength": 2}, "a", "must contain at least 2 characters"),
        ({"MaxLength": "1"}, "ab", "must contain at most 1 characters"),
        ({"Type": "Number"}, "x", "must be a number"),
        ({"Type": "Number", "MinValue": 3}, "2", "not less than 3"),
        ({"Type": "Number", "MaxValue": 3}, "4", "not greater than 3"),
        ({"Type": "Wish"}, "4", "Unrecognized parameter type: Wish"),
        ({}, None, r"Parameters: \[P\] must have values"),
    ],
    ids=str,
)
def test_parameters_are_checked(about: dict[str, Any], text: str | None, sentence: str) -> None:
    given_values = [] if text is None else [{"ParameterKey": "P", "ParameterValue": text}]
    declared = {"Parameters": {"P": {"Type": "String", **about}}, "Resources": {}}
    with pytest.raises(StackError, match=sentence):
        choose_values(declared, given_values, {})


def test_parameters_are_text_or_lists() -> None:
    declared = {
        "Parameters": {
            "Flag": {"Type": "String", "Default": True},
            "Count": {"Type": "Number", "Default": 3},
            "Names": {"Type": "CommaDelimitedList"},
            "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/a"},
        }
    }
    given_values = [{"ParameterKey": "Names", "ParameterValue": "a, b"}]
    chosen = choose_values(declared, given_values, {})
    assert typed_values(declared, chosen, {"/a": "x,y"}.__getitem__) == {
        "Flag": "true",
        "Count": "3",
        "Names": ["a", "b"],
        "Stored": ["x", "y"],
    }
    with pytest.raises(StackError, match=r"Parameters: \[Other\] do not exist in the template"):
        choose_values(declared, [{"ParameterKey": "Other", "ParameterValue": "x"}], {})


QUEUES: dict[str, Any] = {"Q": {"Type": "AWS::SQS::Queue"}}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{", "JSON not well-formed"),
        ("a: [", "YAML not well-formed"),
        ("[]", "unsupported structure"),
        ("Resources: {}", "At least one Resources member must be defined"),
        (template(QUEUES, Extra={}), r"Invalid template property or properties \[Extra\]"),
        (template(QUEUES, AWSTemplateFormatVersion="1999"), "AWSTemplateFormatVersion"),
        (template({"a-b": QUEUES["Q"]}), "Resource name a-b is non alphanumeric"),
        (template({"A": {"Properties": {}}}), "must contain a Type member"),
        (template({"A": {**QUEUES["Q"], "Depends": "B"}}), "'Depends' of A"),
        (template(QUEUES, Outputs={"O": {}}), "The Value field is required"),
        (template({"A": {**QUEUES["Q"], "DeletionPolicy": "Keep"}}), "Unrecognized DeletionPolicy"),
    ],
    ids=str,
)
def test_a_template_that_cannot_be_is_refused(cloud: CloudStatus, body: str, sentence: str) -> None:
    cloudformation = client(cloud, "cloudformation")
    with pytest.raises(ClientError, match=sentence):
        cloudformation.validate_template(TemplateBody=body)
    with pytest.raises(ClientError, match=sentence):
        cloudformation.create_stack(StackName=unique("s"), TemplateBody=body)


@pytest.mark.parametrize(
    ("resources", "sentence"),
    [
        (
            {"A": {"Type": "AWS::Rocket::Engine"}},
            r"types: \[AWS::Rocket::Engine\].*AWS::SQS::Queue",
        ),
        ({"A": {**QUEUES["Q"], "DependsOn": "B"}}, r"Unresolved resource dependencies \[B\]"),
        (
            {
                "A": {**QUEUES["Q"], "DependsOn": "B"},
                "B": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "A"}}},
            },
            r"Circular dependency between resources: \[A, B\]",
        ),
        (
            {
                "A": {**QUEUES["Q"], "Condition": "Never"},
                "B": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "A"}}},
            },
            r"Unresolved resource dependencies \[A\]",
        ),
    ],
    ids=str,
)
def test_resources_that_cannot_be_are_refused_before_anything_is_made(
    cloud: CloudStatus, resources: dict[str, Any], sentence: str
) -> None:
    lab = StackLab(cloud)
    with pytest.raises(ClientError, match=sentence):
        lab.create(template(resources, Conditions={"Never": {"Fn::Equals": ["a", "b"]}}))
    with pytest.raises(ClientError, match="does not exist"):
        lab.describe()


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ({"Color": "red"}, "unsupported property Color"),
        ({"VisibilityTimeout": {"a": 1}, "QueueName": "x" * 90}, "QueueName|name|Invalid"),
    ],
)
def test_properties_that_are_not_there_fail_the_resource(
    cloud: CloudStatus, properties: dict[str, Any], sentence: str
) -> None:
    lab = StackLab(cloud)
    body = template({"A": {"Type": "AWS::SQS::Queue", "Properties": properties}})
    assert lab.create(body) == "ROLLBACK_COMPLETE"
    assert re.search(sentence, lab.reason("A"))


def test_what_is_deep_in_a_property_is_checked_too(cloud: CloudStatus) -> None:
    lab = StackLab(cloud)
    properties = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH", "KeyColor": "red"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    body = template({"A": {"Type": "AWS::DynamoDB::Table", "Properties": properties}})
    assert lab.create(body) == "ROLLBACK_COMPLETE"
    assert lab.reason("A") == "#/KeySchema/0: extraneous key [KeyColor] is not permitted"
    missing = StackLab(cloud)
    assert missing.create(template({"A": {"Type": "AWS::DynamoDB::Table"}})) == "ROLLBACK_COMPLETE"
    assert "required key [KeySchema] not found" in missing.reason("A")


def test_parameters_conditions_and_references_to_values_elsewhere(cloud: CloudStatus) -> None:
    lab, name = StackLab(cloud), unique("setting")
    ssm, secrets = client(cloud, "ssm"), client(cloud, "secretsmanager")
    ssm.put_parameter(Name=name, Type="String", Value="stored")
    secrets.create_secret(Name=name, SecretString='{"password": "s3cret"}')

    def parameter(value: Any, **more: Any) -> dict[str, Any]:
        properties = {"Type": "String", "Value": value}
        return {"Type": "AWS::SSM::Parameter", "Properties": properties, **more}

    body = template(
        {
            "One": parameter({"Ref": "Stored"}),
            "Two": parameter(
                f"{{{{resolve:ssm:{name}:1}}}}/{{{{resolve:secretsmanager:{name}:"
                "SecretString:password}}"
            ),
            "Three": parameter("x", Condition="IsProd"),
            "Four": parameter({"Fn::If": ["IsProd", "prod", {"Ref": "AWS::StackName"}]}),
        },
        Parameters={
            "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name},
            "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"},
            "Password": {"Type": "String", "NoEcho": True},
        },
        Conditions={"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        Outputs={"Only": {"Value": {"Ref": "Three"}, "Condition": "IsProd"}},
    )
    secret = {"ParameterKey": "Password", "ParameterValue": "hush"}
    assert lab.create(body, Parameters=[secret]) == "CREATE_COMPLETE", lab.failures()

    def value(logical_id: str) -> Any:
        return ssm.get_parameter(Name=lab.physical(logical_id))["Parameter"]["Value"]

    assert [value("One"), value("Two"), value("Four")] == ["stored", "stored/s3cret", lab.name]
    assert lab.outputs() == {}
    shown = {each["ParameterKey"]: each for each in lab.describe()["Parameters"]}
    assert shown["Password"]["ParameterValue"] == "****"
    assert shown["Stored"]["ResolvedValue"] == "stored"
    given_values = [
        {"ParameterKey": "Password", "UsePreviousValue": True},
        {"ParameterKey": "Stage", "ParameterValue": "prod"},
    ]
    assert lab.update(body, Parameters=given_values) == "UPDATE_COMPLETE", lab.failures()
    assert [value("Three"), value("Four")] == ["x", "prod"]
    assert set(lab.outputs()) == {"Only"}
    with pytest.raises(ClientError, match="Unable to fetch parameters"):
        lab.update(body, Parameters=[secret, {"ParameterKey": "Stored", "ParameterValue": "no"}])


def test_rules_are_kept(cloud: CloudStatus) -> None:
    assertion = {
        "Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "Version"}]}]},
        "AssertDescription": "version 3 is required",
    }
    condition = {"Fn::Equals": [{"Ref": "Checked"}, "yes"]}
    body = template(
        QUEUES,
        Parameters={
            "Version": {"Type": "Number", "Default": 2},
            "Checked": {"Type": "String", "Default": "yes"},
        },
        Rules={"Check": {"RuleCondition": condition, "Assertions": [assertion]}},
    )
    lab = StackLab(cloud)
    with pytest.raises(ClientError, match=r"Rule 'Check'.*version 3 is required"):
        lab.create(body)
    given_values = [{"ParameterKey": "Version", "ParameterValue": "3"}]
    assert lab.create(body, Parameters=given_values) == "CREATE_COMPLETE"
    unchecked = [{"ParameterKey": "Checked", "ParameterValue": "no"}]
    assert StackLab(cloud).create(body, Parameters=unchecked) == "CREATE_COMPLETE"


def test_a_summary_tells_what_a_template_needs(cloud: CloudStatus) -> None:
    cloudformation = client(cloud, "cloudformation")
    body = template(
        QUEUES,
        Description="a queue",
        Parameters={"P": {"Type": "Number", "Default": 3, "Description": "how many"}},
        Metadata={"a": 1},
    )
    found = cloudformation.get_template_summary(TemplateBody=body)
    assert found["Parameters"] == [
        {
            "ParameterKey": "P",
            "DefaultValue": "3",
            "ParameterType": "Number",
            "NoEcho": False,
            "Description": "how many",
        }
    ]
    assert (found["Description"], found["ResourceTypes"]) == ("a queue", ["AWS::SQS::Queue"])
    assert json.loads(found["Metadata"]) == {"a": 1}


def test_every_type_is_tried_somewhere() -> None:
    tried = {each["Type"] for family in FAMILIES.values() for each in family.values()}
    elsewhere = {
        "AWS::CloudFormation::CustomResource",
        "AWS::CloudFormation::Stack",
        "AWS::Lambda::LayerVersion",
        "Custom::…",
    }
    assert set(known_types()) == tried | elsewhere
