<?php
// Books a coach ticket at the sandbox, loses the answer of the payment, and finds the
// payment again. It needs PHP 8. Run it next to a sandbox:
//
//   php lost_payment.php

declare(strict_types=1);

define('SANDBOX', getenv('RUTRAVEL_SANDBOX') ?: 'http://127.0.0.1:8080');
define('RUN', 'php-' . bin2hex(random_bytes(4))); // this test has its own suppliers

function check(bool $condition, string $problem): void
{
    if (!$condition) {
        fwrite(STDERR, "$problem\n");
        exit(1);
    }
}

/** Calls the control API. */
function control(string $method, string $path, ?array $body = null): mixed
{
    $options = ['method' => $method, 'timeout' => 10, 'header' => ['Rutravel-Run: ' . RUN, 'Content-Type: application/json']];
    if ($body !== null) {
        $options['content'] = json_encode($body);
    }
    $text = file_get_contents(SANDBOX . "/sandbox/v1/$path", false, stream_context_create(['http' => $options]));
    check($text !== false, "$method $path failed");
    return $text === '' ? null : json_decode($text, true, 512, JSON_THROW_ON_ERROR);
}

/** Calls the supplier, as your client does. Returns false if there is no answer. */
function regionbilet(string $command, array $params = []): mixed
{
    $query = http_build_query(['user' => 'agent', 'skey' => 'fake-secret-key', 'command' => $command] + $params, '', '&', PHP_QUERY_RFC3986);
    $context = stream_context_create(['http' => ['timeout' => 10]]);
    $text = @file_get_contents(SANDBOX . '/run/' . RUN . "/regionbilet?$query", false, $context);
    if ($text === false || $text === '') {
        return false;
    }
    $envelope = json_decode($text, true, 512, JSON_THROW_ON_ERROR);
    check($envelope['error'] === '0', $envelope['error_description']);
    return $envelope['result'] ?? null;
}

// Book the first free seat of a trip in two days.
$day = (new DateTime('+2 days', new DateTimeZone('Europe/Moscow')))->format('d.m.Y');
$trip = regionbilet('trip', ['id_from' => '124', 'id_to' => '463', 'date_trip' => $day])[0];
$key = [
    'id_trip' => $trip['id_trip'], 'time_trip' => $trip['time_trip'], 'date_trip' => $day,
    'id_from_point' => $trip['id_from_point'], 'id_to_point' => $trip['id_to_point'],
];
$seat = explode('^', regionbilet('trip_free_seats', $key)[0]['seats_trip'])[0];
$booking = regionbilet('booking', $key + [
    'user_phone' => '9187557788', 'surname1' => 'ИВАНОВ', 'first_name1' => 'ИВАН', 'middle_name1' => '', 'sex1' => '1',
    'category1' => '1', 'dob1' => '01.01.1977', 'nationality1' => '643', 'type_doc1' => '1', 'value_doc1' => '0701 755756',
    'seat1' => $seat, 'total_ticket_price1' => $trip['total_full_ticket_price'],
])['id_booking'];

// The next payment succeeds, but its answer is lost.
control('POST', 'faults', ['supplier' => 'regionbilet', 'op' => 'pay', 'drop' => true, 'processed' => true]);
check(regionbilet('pay', ['id_booking' => $booking]) === false, 'the answer was not lost');

// Do not pay again: look the booking up.
$ticket = regionbilet('status_ticket', ['id_booking' => $booking, 'number_ticket' => ''])[0];
check($ticket['status'] === '3', 'the booking is not paid');

// Assert what the supplier has, and what it was asked.
$state = control('GET', 'state?supplier=regionbilet');
check(count($state['bookings']) === 1 && $state['bookings'][0]['status'] === 'paid', 'the supplier has something else');
check($state['money'][0]['paid'] === $trip['total_full_ticket_price'], 'the money is wrong');
check(count(control('GET', 'calls?op=pay')) === 1, 'it was paid more than once');
control('DELETE', 'runs/' . RUN);
echo "ok: paid once, found by a look-up\n";
