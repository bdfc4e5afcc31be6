package io.pm2j.supervisor.app;

/// Somebody outside of this process who has what connects it to its workers as well: should the
/// process be killed, they notice nothing, and the next one goes on. Thread-safe.
public interface DescriptorKeeper {
    /// Nobody.
    DescriptorKeeper NONE = new DescriptorKeeper() {
        @Override
        public void keep(String name, int fd) {
            // it is closed with the process
        }

        @Override
        public void release(String name) {
            // there is nothing
        }

        @Override
        public void settle() {
            // there was nothing
        }
    };

    /// This descriptor is open; to be told again does no harm.
    void keep(String name, int fd);

    /// It is not needed any more.
    void release(String name);

    /// Returns when what was released is: before, its address is in use.
    void settle();
}
