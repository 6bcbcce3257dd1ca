"""Validates rendered manifests against the schemas of Kubernetes and of the custom resources in k8s/.

    validate.py CRDS VERSION[,VERSION…] FILE…

CRDS is a directory of CustomResourceDefinitions. Validates every object in every file against the schema of its kind, in
each of these versions of Kubernetes. Unknown fields are faults. Prints a line for each fault, and exits with 1 if any.
"""

import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml


def closed(schema):
    """The schema without unknown fields: the API server would drop them silently."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(value) for key, value in schema.items()}
    is_open = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(schema.get("properties"), dict) and not is_open:
        schema["additionalProperties"] = False
    return schema


def custom_resources(directory):
    """The schema of each (apiVersion, kind)."""
    found = {}
    for file in sorted(pathlib.Path(directory).glob("*.yaml")):
        for definition in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            spec = definition["spec"]
            for version in spec["versions"]:
                schema = closed(version["schema"]["openAPIV3Schema"])
                # The API server has its own schema for this member.
                schema["properties"]["metadata"] = {"type": "object"}
                found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return found


def faults(manifest, custom, versions):
    """The faults of an object, a sentence each."""
    schema = custom.get((manifest["apiVersion"], manifest["kind"]))
    if schema is not None:
        for error in jsonschema.Draft202012Validator(schema).iter_errors(manifest):
            yield f"{error.json_path}: {error.message}"
        return
    for version in versions:
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.path)
            yield f"${place}: {error.message} (Kubernetes {version})"
        except kubernetes_validate.SchemaNotFoundError:
            yield f"there is no {manifest['apiVersion']} {manifest['kind']} in Kubernetes {version}, nor a definition in k8s/"


def main():
    directory, versions, *files = sys.argv[1:]
    custom = custom_resources(directory)
    count = 0
    failed = False
    for file in files:
        path = pathlib.Path(file)
        for manifest in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            count += 1
            for fault in faults(manifest, custom, versions.split(",")):
                failed = True
                print(f"{path.stem}: {manifest['kind']} {manifest['metadata']['name']}: {fault}")
    if count == 0:
        sys.exit("there was nothing to validate")
    sys.exit(1 if failed else 0)


main()
