"""IAM: who may do what."""

import json
from typing import Any, ClassVar

from tests.simulators.aws.provider.model import AwsModel, tags_wanted
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties


def document(policy: Any) -> str:
    """A policy may be given as an object, too."""
    return policy if isinstance(policy, str) else json.dumps(policy)


def document_seen(found: Any, known: Any) -> Any:
    """The document as it was given, unless it says something else by now."""
    same = known is not None and json.loads(document(known)) == json.loads(document(found))
    return known if same else document(found)


class Iam(AwsModel):
    """IAM has no regions."""

    service = "iam"

    def client(self, properties: Properties) -> Any:
        return self.account.client(self.service)


class OpenIdConnectProvider(Iam):
    rules: ClassVar[Rules] = replaced_by("url")

    def create(self, name: str, inputs: Properties) -> Made:
        made = self.client(inputs).create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            ThumbprintList=inputs.get("thumbprintLists", []),
            Tags=tags_wanted(inputs),
        )
        id = made["OpenIDConnectProviderArn"]
        return Made(id, self.read(id, inputs) or {})

    def read(self, id: str, state: Properties) -> Properties | None:
        found = self.client(state).get_open_id_connect_provider(OpenIDConnectProviderArn=id)
        return {
            **state,
            **self.tags_seen(found.get("Tags", []), state),
            "arn": id,
            "url": state.get("url", f"https://{found['Url'].removeprefix('https://')}"),
            "clientIdLists": _ordered(found["ClientIDList"], state.get("clientIdLists", [])),
            "thumbprintLists": found["ThumbprintList"],
        }

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        client, this = self.client(inputs), {"OpenIDConnectProviderArn": id}
        old, new = set(state["clientIdLists"]), set(inputs["clientIdLists"])
        for one in sorted(new - old):
            client.add_client_id_to_open_id_connect_provider(**this, ClientID=one)
        for one in sorted(old - new):
            client.remove_client_id_from_open_id_connect_provider(**this, ClientID=one)
        if "thumbprintLists" in inputs:
            client.update_open_id_connect_provider_thumbprint(
                **this, ThumbprintList=inputs["thumbprintLists"]
            )
        if tags := tags_wanted(inputs):
            client.tag_open_id_connect_provider(**this, Tags=tags)
        return self.read(id, inputs) or {}

    def delete(self, id: str, state: Properties) -> None:
        self.client(state).delete_open_id_connect_provider(OpenIDConnectProviderArn=id)


class Role(Iam):
    rules: ClassVar[Rules] = replaced_by("name", "namePrefix", "path", computed=frozenset({"path"}))

    def create(self, name: str, inputs: Properties) -> Made:
        id = inputs["name"]
        boundary = inputs.get("permissionsBoundary")
        self.client(inputs).create_role(
            RoleName=id,
            AssumeRolePolicyDocument=document(inputs["assumeRolePolicy"]),
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
            Path=inputs.get("path", "/"),
            Tags=tags_wanted(inputs),
            **({"PermissionsBoundary": boundary} if boundary else {}),
        )
        return Made(id, self.read(id, inputs) or {})

    def read(self, id: str, state: Properties) -> Properties | None:
        role = self.client(state).get_role(RoleName=id)["Role"]
        policy = role["AssumeRolePolicyDocument"]
        return {
            **state,
            **self.tags_seen(role.get("Tags", []), state),
            "arn": role["Arn"],
            "assumeRolePolicy": document_seen(policy, state.get("assumeRolePolicy")),
            "description": role.get("Description"),
            "createDate": role["CreateDate"].isoformat(),
            "maxSessionDuration": role["MaxSessionDuration"],
            "name": id,
            "path": role["Path"],
            "uniqueId": role["RoleId"],
        }

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        client = self.client(inputs)
        client.update_assume_role_policy(
            RoleName=id, PolicyDocument=document(inputs["assumeRolePolicy"])
        )
        client.update_role(
            RoleName=id,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
        kept = {tag["Key"] for tag in tags_wanted(inputs)}
        surplus = [key for key in state.get("tagsAll", {}) if key not in kept]
        client.untag_role(RoleName=id, TagKeys=surplus)
        client.tag_role(RoleName=id, Tags=tags_wanted(inputs))
        return self.read(id, inputs) or {}

    def delete(self, id: str, state: Properties) -> None:
        self.client(state).delete_role(RoleName=id)


class RolePolicy(Iam):
    rules: ClassVar[Rules] = replaced_by("role", "name", "namePrefix")

    def create(self, name: str, inputs: Properties) -> Made:
        id = f"{inputs['role']}:{inputs['name']}"
        return Made(id, self.update(id, {}, inputs))

    def read(self, id: str, state: Properties) -> Properties | None:
        role, name = id.split(":", 1)
        found = self.client(state).get_role_policy(RoleName=role, PolicyName=name)
        return {**state, "policy": document_seen(found["PolicyDocument"], state.get("policy"))}

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        role, name = id.split(":", 1)
        policy = document(inputs["policy"])
        self.client(inputs).put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)
        return inputs

    def delete(self, id: str, state: Properties) -> None:
        role, name = id.split(":", 1)
        self.client(state).delete_role_policy(RoleName=role, PolicyName=name)


def _ordered(found: list[str], known: list[str]) -> list[str]:
    """IAM keeps a set: an order that it changed is no change."""
    return known if sorted(found) == sorted(known) else found
