// Books a coach ticket at the sandbox, loses the answer of the payment, and finds the
// payment again. It needs Node 18 or newer. Run it next to a sandbox:
//
//   node lost_payment.mjs

import assert from "node:assert/strict";

const sandbox = process.env.RUTRAVEL_SANDBOX ?? "http://127.0.0.1:8080";
const run = `node-${crypto.randomUUID().slice(0, 8)}`; // this test has its own suppliers

// control calls the control API.
async function control(method, path, body) {
  const answer = await fetch(`${sandbox}/sandbox/v1/${path}`, {
    method,
    headers: { "Rutravel-Run": run, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text ? JSON.parse(text) : undefined;
}

// regionbilet calls the supplier, as your client does.
async function regionbilet(command, params = {}) {
  const query = Object.entries({ user: "agent", skey: "fake-secret-key", command, ...params })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  const answer = await fetch(`${sandbox}/run/${run}/regionbilet?${query}`);
  const envelope = await answer.json();
  assert.equal(envelope.error, "0", envelope.error_description);
  return envelope.result;
}

// Book the first free seat of a trip in two days.
const day = new Date(Date.now() + 2 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10).split("-").reverse().join(".");
const [trip] = await regionbilet("trip", { id_from: "124", id_to: "463", date_trip: day });
const key = {
  id_trip: trip.id_trip, time_trip: trip.time_trip, date_trip: day,
  id_from_point: trip.id_from_point, id_to_point: trip.id_to_point,
};
const [{ seats_trip: seats }] = await regionbilet("trip_free_seats", key);
const { id_booking: booking } = await regionbilet("booking", {
  ...key, user_phone: "9187557788", surname1: "ИВАНОВ", first_name1: "ИВАН", middle_name1: "", sex1: "1", category1: "1",
  dob1: "01.01.1977", nationality1: "643", type_doc1: "1", value_doc1: "0701 755756", seat1: seats.split("^")[0],
  total_ticket_price1: trip.total_full_ticket_price,
});

// The next payment succeeds, but its answer is lost.
await control("POST", "faults", { supplier: "regionbilet", op: "pay", drop: true, processed: true });
await assert.rejects(regionbilet("pay", { id_booking: booking }), TypeError); // fetch failed

// Do not pay again: look the booking up.
const [ticket] = await regionbilet("status_ticket", { id_booking: booking, number_ticket: "" });
assert.equal(ticket.status, "3"); // paid

// Assert what the supplier has, and what it was asked.
const state = await control("GET", "state?supplier=regionbilet");
assert.deepEqual(state.bookings.map((b) => [b.id, b.status]), [[booking, "paid"]]);
assert.equal(state.money[0].paid, trip.total_full_ticket_price);
assert.equal((await control("GET", "calls?op=pay")).length, 1);
await control("DELETE", `runs/${run}`);
console.log("ok: paid once, found by a look-up");
