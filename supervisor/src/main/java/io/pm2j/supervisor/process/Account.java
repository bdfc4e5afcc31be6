package io.pm2j.supervisor.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// A user of the system, from wherever the system keeps its users (the name service switch, not
/// only /etc/passwd).
public record Account(String name, int uid, int gid, String home) {
    private static final int RECORD_BYTES = 64;
    private static final int TEXT_BYTES = 65_536;
    /// Inside `struct passwd`: the numbers and the home folder; inside `struct group`: the
    /// number.
    private static final int UID_OFFSET = 16;

    private static final int GID_OFFSET = 20;
    private static final int HOME_OFFSET = 32;
    private static final int GROUP_GID_OFFSET = 16;

    private static final class Calls {
        static final MethodHandle USER_BY_NAME = byName("getpwnam_r");
        static final MethodHandle USER_BY_NUMBER = Posix.link(
                "getpwuid_r", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
        static final MethodHandle GROUP_BY_NAME = byName("getgrnam_r");

        private static MethodHandle byName(String function) {
            return Posix.link(function, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
        }
    }

    /// The number of the user that this process acts as.
    public static int effectiveUid() {
        return PosixProcess.effectiveUid();
    }

    /// The user of that name or number.
    public static Optional<Account> find(String nameOrNumber) {
        Optional<Account> named = ask(Calls.USER_BY_NAME, nameOrNumber, Account::account);
        OptionalInt number = number(nameOrNumber);
        if (named.isPresent() || number.isEmpty()) {
            return named;
        }
        return ask(Calls.USER_BY_NUMBER, number.getAsInt(), Account::account);
    }

    /// The number of the group of that name; a number stands for itself.
    public static OptionalInt findGroup(String nameOrNumber) {
        return ask(Calls.GROUP_BY_NAME, nameOrNumber, group -> group.get(JAVA_INT, GROUP_GID_OFFSET))
                .map(OptionalInt::of)
                .orElse(number(nameOrNumber));
    }

    private static OptionalInt number(String text) {
        return text.matches("\\d{1,9}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }

    private static Account account(MemorySegment user) {
        return new Account(
                text(user, 0), user.get(JAVA_INT, UID_OFFSET), user.get(JAVA_INT, GID_OFFSET), text(user, HOME_OFFSET));
    }

    private static String text(MemorySegment struct, int offset) {
        return struct.get(ADDRESS, offset).reinterpret(TEXT_BYTES).getString(0);
    }

    private static <T> Optional<T> ask(MethodHandle call, Object key, Function<MemorySegment, T> then) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = arena.allocate(RECORD_BYTES, 8);
            MemorySegment texts = arena.allocate(TEXT_BYTES);
            MemorySegment result = arena.allocate(ADDRESS);
            int _ = key instanceof String name
                    ? (int) call.invokeExact(arena.allocateFrom(name), struct, texts, texts.byteSize(), result)
                    : (int) call.invokeExact((int) key, struct, texts, texts.byteSize(), result);
            boolean found = !result.get(ADDRESS, 0).equals(MemorySegment.NULL);
            return found ? Optional.of(then.apply(struct)) : Optional.empty();
        } catch (Throwable t) {
            throw Posix.unexpected(t);
        }
    }
}
