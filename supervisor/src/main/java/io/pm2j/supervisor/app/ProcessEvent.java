package io.pm2j.supervisor.app;

import io.pm2j.supervisor.app.AppSnapshot.Slot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Something that happened to an instance, by PM2's words: `start`, `online`, `exit`, `restart`, `restart overlimit`,
/// `stop`, `delete`. PM2: bus event `process:event`.
///
/// `manually`: somebody asked for it.
public record ProcessEvent(
        String event,
        boolean manually,
        String app,
        String namespace,
        int pmId,
        int pid,
        String status,
        int restarts,
        Optional<Integer> exitCode,
        long atMillis) {
    private static final String STOPPING = "stopping";

    /// What happened between two pictures of an app. Pure.
    static List<ProcessEvent> between(AppSnapshot before, AppSnapshot after, long atMillis) {
        if (before.slots().equals(after.slots())) {
            return List.of();
        }
        Map<Integer, Slot> former = new HashMap<>();
        before.slots().forEach(slot -> former.put(slot.pmId(), slot));
        List<ProcessEvent> events = new ArrayList<>();
        for (Slot now : after.slots()) {
            Slot then = former.remove(now.pmId());
            for (Word word : then == null ? fresh(now) : words(then, now)) {
                events.add(of(word, now, after, atMillis));
            }
        }
        former.values().forEach(gone -> events.add(of(new Word("delete", true), gone, before, atMillis)));
        return events;
    }

    private record Word(String text, boolean manually) {}

    private static List<Word> fresh(Slot now) {
        return now.pid() > 0 ? List.of(new Word("start", true)) : List.of();
    }

    private static List<Word> words(Slot then, Slot now) {
        List<Word> words = new ArrayList<>();
        boolean asked = then.status().equals(STOPPING) || then.createdAtMillis() != now.createdAtMillis();
        if (then.pid() > 0 && now.pid() != then.pid()) {
            words.add(new Word("exit", asked));
        }
        if (now.restarts() > then.restarts()) {
            words.add(new Word("restart", asked));
        } else if (now.pid() > 0 && then.pid() == 0) {
            words.add(new Word("start", true));
        }
        if (!then.status().equals(now.status()) || now.pid() != then.pid()) {
            switch (now.status()) {
                case "online" -> words.add(new Word("online", false));
                case "stopped" -> words.add(new Word("stop", asked));
                case "errored" -> words.add(new Word("restart overlimit", false));
                default -> {
                    // on the way to one of these
                }
            }
        }
        return words;
    }

    private static ProcessEvent of(Word word, Slot slot, AppSnapshot app, long atMillis) {
        return new ProcessEvent(
                word.text,
                word.manually,
                app.spec().name().text(),
                app.spec().namespace(),
                slot.pmId(),
                slot.pid(),
                slot.status(),
                slot.restarts(),
                slot.exitCode(),
                atMillis);
    }
}
