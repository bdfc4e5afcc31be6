package io.pm2j.cli.command;

import io.pm2j.cli.typed.Failure;
import io.pm2j.supervisor.control.ControlReply.Happening;
import io.pm2j.supervisor.control.ControlRequest;

/// `bus`: what happens, an object of JSON a line, for programs that follow it. PM2: `pm2.launchBus`.
final class Bus {
    private Bus() {}

    static int run(Session session) throws Failure {
        session.notesAside();
        ControlRequest request = new ControlRequest.Bus(Operands.narrowed(session, session.typed.operands()));
        return session.ask(request, reply -> {
            if (reply instanceof Happening(String topic, String payload)) {
                session.out.println("{\"topic\":" + quoted(topic) + ",\"payload\":" + payload + "}");
            }
        });
    }

    /// A program chooses the topic: it may be any text.
    private static String quoted(String topic) {
        StringBuilder text = new StringBuilder("\"");
        topic.chars().forEach(letter -> {
            if (letter == '"' || letter == '\\' || letter < ' ') {
                text.append(String.format("\\u%04x", letter));
            } else {
                text.append((char) letter);
            }
        });
        return text.append('"').toString();
    }
}
