package io.pm2j.proxy.forward;

/// What is counted on the data path, besides refusals, which are counted by their violation.
public enum Count {
    CONNECTIONS_ACCEPTED,
    CONNECTIONS_CLOSED,
    REQUESTS,
    RESPONSES_1XX,
    RESPONSES_2XX,
    RESPONSES_3XX,
    RESPONSES_4XX,
    RESPONSES_5XX,
    TUNNELS,
    RETRIES,
    UPSTREAM_CONNECTIONS,
    UPSTREAM_CONNECT_FAILURES,
    HELD,
    QUEUE_FULL,
    HOLD_TIMEOUTS,
    HEAD_TIMEOUTS,
    BODY_TIMEOUTS,
    WRITE_TIMEOUTS,
    CONNECT_TIMEOUTS,
    RESPONSE_TIMEOUTS,
    TUNNEL_TIMEOUTS,
    EXCHANGE_TIMEOUTS,
    IDLE_CLIENTS_CLOSED,
    IDLE_UPSTREAMS_CLOSED,
    BAD_GATEWAYS,
    CLIENT_ABORTS,
    UPSTREAM_ABORTS,
    BYTES_FROM_CLIENTS,
    BYTES_TO_CLIENTS;

    static Count ofStatus(int status) {
        return switch (status / 100) {
            case 1 -> RESPONSES_1XX;
            case 2 -> RESPONSES_2XX;
            case 3 -> RESPONSES_3XX;
            case 4 -> RESPONSES_4XX;
            default -> RESPONSES_5XX;
        };
    }
}
