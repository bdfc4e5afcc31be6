package io.pm2j.supervisor.control;

/// Does what is asked. Called on a virtual thread of its own for each request; interrupted when the client hangs up.
@FunctionalInterface
public interface ControlHandler {
    void handle(ControlRequest request, ReplySink replies) throws Exception;
}
