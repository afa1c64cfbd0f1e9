#!/usr/bin/env bash
# Prints changes, one a line, and continues after the last one whenever the connection ends.
set -uo pipefail

query='subscription { contactChanges { eventId kind contactId } }'
last=
while true; do
  while IFS= read -r line; do
    case $line in
      'data: {'*) jq -c '.data.contactChanges // .errors' <<<"${line#data: }" ;;
      'id: '*) last=${line#id: } ;;
    esac
  done < <(curl -sSN "$GATEWAY" --speed-limit 1 --speed-time 30 \
    -H 'content-type: application/json' -H 'accept: text/event-stream' -H "authorization: Bearer $TOKEN" \
    ${last:+-H "last-event-id: $last"} -d "$(jq -n --arg query "$query" '{ $query }')")
  sleep "${DELAY:-1}"
done
