"""Parses an exposition from stdin with the parser of prometheus_client and prints its samples as JSON."""
import json
import sys

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as prometheus

parser = openmetrics if sys.argv[1] == "openmetrics" else prometheus
families = list(parser.text_string_to_metric_families(sys.stdin.read()))
print(json.dumps([
    {"name": sample.name, "labels": sample.labels, "value": sample.value, "type": family.type}
    for family in families
    for sample in family.samples
]))
