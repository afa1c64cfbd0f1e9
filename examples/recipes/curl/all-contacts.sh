#!/usr/bin/env bash
# Prints all contacts, one a line. $GATEWAY is the address of the gateway, and $TOKEN a token.
set -euo pipefail

query='query Contacts($after: String) {
  contacts(first: 50, after: $after) { nodes { id displayName } pageInfo { hasNextPage endCursor } }
}'
after=null
while [ "$after" != end ]; do
  page=$(jq -n --arg query "$query" --argjson after "$after" '{ $query, variables: { $after } }' |
    curl -sS "$GATEWAY" -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" --data-binary @-)
  jq -e 'has("errors") | not' <<<"$page" >/dev/null || { jq -c .errors <<<"$page" >&2; exit 1; }
  jq -r '.data.contacts.nodes[] | [.id, .displayName] | @tsv' <<<"$page"
  after=$(jq '.data.contacts.pageInfo | if .hasNextPage then .endCursor else "end" end' <<<"$page")
  [ "$after" != '"end"' ] || after=end
done
