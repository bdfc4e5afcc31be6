package io.pm2j.daemon;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals to the daemon that ask for something other than its end.
///
/// The JDK's only way to hear them is `sun.misc.Signal`, which javac warns of and cannot be told to allow: hence by
/// reflection.
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /// Calls `deed` at each signal of that name, such as `USR2`. Where the JVM keeps the signal for itself nothing
    /// happens: HotSpot keeps USR2 unless `_JAVA_SR_SIGNUM` names another.
    static void handle(String name, Runnable deed) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object calling =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, (_, _, _) -> {
                        deed.run();
                        return null;
                    });
            Object _ = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), calling);
        } catch (InvocationTargetException e) {
            LOG.debug("SIG{} is not to be had", name, e.getCause());
        } catch (ReflectiveOperationException e) {
            LOG.debug("no way to hear SIG{}", name, e);
        }
    }
}
