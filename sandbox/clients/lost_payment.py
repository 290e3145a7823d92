"""Books a coach ticket at the sandbox, loses the answer of the payment, and finds the payment again.

Run it next to a sandbox: python3 lost_payment.py
"""

import datetime
import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid

SANDBOX = os.environ.get("RUTRAVEL_SANDBOX", "http://127.0.0.1:8080")
RUN = "python-" + uuid.uuid4().hex[:8]  # this test has its own suppliers


def control(method, path, body=None):
    """Calls the control API."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Rutravel-Run": RUN, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{SANDBOX}/sandbox/v1/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def regionbilet(command, **params):
    """Calls the supplier, as your client does."""
    params = {"user": "agent", "skey": "fake-secret-key", "command": command, **params}
    query = urllib.parse.urlencode(params, quote_via=urllib.parse.quote)
    with urllib.request.urlopen(f"{SANDBOX}/run/{RUN}/regionbilet?{query}", timeout=10) as answer:
        envelope = json.load(answer)
    assert envelope["error"] == "0", envelope["error_description"]
    return envelope.get("result")


# Book the first free seat of a trip in two days.
day = (datetime.date.today() + datetime.timedelta(days=2)).strftime("%d.%m.%Y")
trip = regionbilet("trip", id_from="124", id_to="463", date_trip=day)[0]
key = {
    "id_trip": trip["id_trip"], "time_trip": trip["time_trip"], "date_trip": day,
    "id_from_point": trip["id_from_point"], "id_to_point": trip["id_to_point"],
}
seat = regionbilet("trip_free_seats", **key)[0]["seats_trip"].split("^")[0]
booking = regionbilet(
    "booking", **key, user_phone="9187557788", surname1="ИВАНОВ", first_name1="ИВАН", middle_name1="", sex1="1",
    category1="1", dob1="01.01.1977", nationality1="643", type_doc1="1", value_doc1="0701 755756", seat1=seat,
    total_ticket_price1=trip["total_full_ticket_price"],
)["id_booking"]

# The next payment succeeds, but its answer is lost.
control("POST", "faults", {"supplier": "regionbilet", "op": "pay", "drop": True, "processed": True})
try:
    regionbilet("pay", id_booking=booking)
    raise SystemExit("the answer was not lost")
except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
    pass

# Do not pay again: look the booking up.
ticket = regionbilet("status_ticket", id_booking=booking, number_ticket="")[0]
assert ticket["status"] == "3", ticket  # paid

# Assert what the supplier has, and what it was asked.
state = control("GET", "state?supplier=regionbilet")
assert [(b["id"], b["status"]) for b in state["bookings"]] == [(booking, "paid")], state["bookings"]
assert state["money"][0]["paid"] == trip["total_full_ticket_price"], state["money"]
assert len(control("GET", "calls?op=pay")) == 1
control("DELETE", f"runs/{RUN}")
print("ok: paid once, found by a look-up")
