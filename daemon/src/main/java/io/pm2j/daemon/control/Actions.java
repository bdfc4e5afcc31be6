package io.pm2j.daemon.control;

import io.pm2j.supervisor.app.Feed;
import io.pm2j.supervisor.app.ProgramMessage;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The actions that programs announced by Node's channel (`{type: 'axm:action', data: {action_name}}`), as PM2's
/// in-app agent does. Thread-safe.
final class Actions {
    private record Place(String app, int pmId) {}

    private final Map<Place, Set<String>> announced = new ConcurrentHashMap<>();

    private Actions() {}

    /// Listens to `messages` for the life of the daemon, on a virtual thread.
    static Actions following(Feed<ProgramMessage> messages) {
        Actions actions = new Actions();
        Feed.Follower<ProgramMessage> follower = messages.follow();
        Thread.ofVirtual().name("pm2j-actions").start(() -> {
            try (follower) {
                while (true) {
                    actions.take(follower.next());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return actions;
    }

    void take(ProgramMessage message) {
        // Most messages are not for us, and may be large.
        if (!message.json().contains("axm:action")) {
            return;
        }
        try {
            JsonTree tree = JsonTree.parse(message.json());
            if (tree.has("type") && tree.text("type").equals("axm:action")) {
                TalkDesk.inner(tree, "data", "action_name")
                        .ifPresent(name -> announced
                                .computeIfAbsent(
                                        new Place(message.app(), message.pmId()), _ -> ConcurrentHashMap.newKeySet())
                                .add(name));
            }
        } catch (IOException notAnAction) {
            // a program may say what it likes
        }
    }

    boolean announced(String app, int pmId, String action) {
        return announced.getOrDefault(new Place(app, pmId), Set.of()).contains(action);
    }

    /// What a message answers to `action`, as JSON; nothing when it is no answer to it.
    static Optional<String> answer(ProgramMessage message, String action) {
        try {
            JsonTree tree = JsonTree.parse(message.json());
            boolean answers = tree.has("type")
                    && tree.text("type").equals("axm:reply")
                    && TalkDesk.inner(tree, "data", "action_name").equals(Optional.of(action));
            return answers ? Optional.of(tree.tree("data").json("return")) : Optional.empty();
        } catch (IOException notAnAnswer) {
            return Optional.empty();
        }
    }
}
