package io.pm2j.bench.handover;

import io.pm2j.bench.handover.Item.Kind;
import io.pm2j.supervisor.process.Child;
import io.pm2j.supervisor.process.ExitStatus;
import io.pm2j.supervisor.process.LaunchPlan;
import io.pm2j.supervisor.process.Launcher;
import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.ProcessIdentity;
import io.pm2j.supervisor.process.Succession;
import io.pm2j.supervisor.process.UnixDatagrams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The program that is handed over: a [Site], workers with a channel each, a lock.
///
/// Words to the socket `words` in its folder have it act, and what it says on its standard output is for [Trial]:
/// first `at`; `go WAY` → `ready` by the next one; `check` → what is left of the workers and the lock.
public final class Holder {
    /// Answers each line on its channel, and ends with 7 when told to.
    private static final String WORKER =
            "while read -r line <&3; do [ \"$line\" = end ] && exit 7; echo \"$line\" >&3; done";

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long LOOK_FOR_WORDS_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /// proc(5), behind the name: utime, stime, cutime, cstime, in ticks of 1/100 s.
    private static final int FIRST_TIME = 11;

    private static final int TIMES = 4;
    private static final int MILLIS_A_TICK = 10;

    private final Path folder;
    private final Site site;
    private final List<Item> workers;
    private final int lock;
    private final int words;
    private final Poller poller = new Poller("bench-exits");
    private final Launcher launcher = new Launcher(poller);
    private final BlockingQueue<ExitStatus> exits = new LinkedBlockingQueue<>();

    private Holder(Path folder, Site site, List<Item> workers, int lock) throws IOException {
        this.folder = folder;
        this.site = site;
        this.workers = workers;
        this.lock = lock;
        Path path = folder.resolve("words");
        Files.deleteIfExists(path);
        this.words = UnixDatagrams.bind(path);
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "begin" -> begin(folder, Integer.parseInt(arguments[2])).serve();
            case "check" -> System.exit(read(folder).isEmpty() ? 1 : 0);
            case "after-exec" -> adopt(folder, read(folder), false).serve();
            case "successor" -> succeed(folder).serve();
            case "train" -> train(folder);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static Holder begin(Path folder, int count) throws IOException {
        FileChannel file =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        int lock = Succession.descriptorOf(folder.resolve("lock").toRealPath()).orElseThrow();
        Succession.lock(lock);
        Holder holder = new Holder(folder, Site.open(), new ArrayList<>(), lock);
        for (int i = 0; i < count; i++) {
            holder.launch();
        }
        say("at port=" + holder.site.port() + " pid=" + pid());
        // The descriptor is handed over: nothing here may close it.
        Reference.reachabilityFence(file);
        return holder;
    }

    private void launch() throws IOException {
        LaunchPlan plan = new LaunchPlan(List.of("/bin/sh", "-c", WORKER), Map.of(), folder, true);
        Child child = launcher.launch(plan, exits::add);
        workers.add(new Item(
                Kind.WORKER,
                child.channel(),
                ProcessIdentity.of(child.pid()).orElseThrow().toString()));
    }

    private void serve() throws Exception {
        while (true) {
            UnixDatagrams.Datagram word = await(words, LOOK_FOR_WORDS_NANOS);
            switch (new String(word.bytes(), StandardCharsets.US_ASCII)) {
                case "go exec" -> becomeNext(false);
                case "go rehearsed" -> becomeNext(true);
                case "go successor" -> handToSuccessor();
                case "check" -> check();
                case "end" -> System.exit(0);
                case String other -> throw new IllegalArgumentException(other);
            }
        }
    }

    // --- execve ----------------------------------------------------------------------------------------------

    private void becomeNext(boolean rehearsed) throws Exception {
        long spent = processorMillis();
        Path file = folder.resolve("items");
        if (rehearsed) {
            write(List.of(new Item(Kind.END, -1, "")));
            if (new ProcessBuilder(own("check")).inheritIO().start().waitFor() != 0) {
                throw new IOException("the next program does not start");
            }
        }
        List<Item> all = all(spent);
        Files.deleteIfExists(file);
        write(all);
        Succession.become(
                own("after-exec"),
                all.stream().map(Item::descriptor).filter(fd -> fd >= 0).collect(Collectors.toSet()));
    }

    private void write(List<Item> items) throws IOException {
        Files.write(folder.resolve("items"), items.stream().map(Item::text).toList());
    }

    private static List<Item> read(Path folder) throws IOException {
        return Files.readAllLines(folder.resolve("items")).stream()
                .map(Item::of)
                .toList();
    }

    // --- a successor -----------------------------------------------------------------------------------------

    /// Starts it, goes on meanwhile, and gives it everything when it has said that it is there.
    private void handToSuccessor() throws Exception {
        long spent = processorMillis();
        Path here = folder.resolve("former");
        int socket = UnixDatagrams.bind(here);
        Process next = new ProcessBuilder(own("successor")).inheritIO().start();
        say("successor pid=" + next.pid());
        await(socket);
        for (Item item : Stream.concat(all(spent).stream(), Stream.of(new Item(Kind.END, -1, "")))
                .toList()) {
            UnixDatagrams.send(
                    folder.resolve("next").toString(),
                    item.text().getBytes(StandardCharsets.US_ASCII),
                    item.descriptor() < 0 ? List.of() : List.of(item.descriptor()));
        }
        try {
            await(socket);
        } catch (IOException e) {
            next.destroyForcibly();
            site.goOn();
            say("failed " + e.getMessage());
            return;
        }
        say("former cpu-ms=" + (processorMillis() - spent));
        Runtime.getRuntime().halt(0);
    }

    private static Holder succeed(Path folder) throws Exception {
        int socket = UnixDatagrams.bind(folder.resolve("next"));
        warmUp();
        String former = folder.resolve("former").toString();
        UnixDatagrams.send(former, "here".getBytes(StandardCharsets.US_ASCII), List.of());
        List<Item> items = new ArrayList<>();
        Item item;
        do {
            UnixDatagrams.Datagram datagram = await(socket);
            item = Item.of(datagram.bytes(), datagram.descriptors());
            items.add(item);
        } while (item.kind() != Kind.END);
        Holder holder = adopt(folder, items, true);
        UnixDatagrams.send(former, "ready".getBytes(StandardCharsets.US_ASCII), List.of());
        return holder;
    }

    private static UnixDatagrams.Datagram await(int socket) throws IOException {
        return await(socket, LOOK_AGAIN_NANOS);
    }

    private static UnixDatagrams.Datagram await(int socket, long lookAgainNanos) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < deadline) {
            UnixDatagrams.Datagram datagram = UnixDatagrams.receive(socket);
            if (datagram != null) {
                return datagram;
            }
            LockSupport.parkNanos(lookAgainNanos);
        }
        throw new IOException("nobody spoke within 30 s");
    }

    // --- both ------------------------------------------------------------------------------------------------

    /// Comes to rest: everything that goes over.
    private List<Item> all(long spentMillis) {
        List<Item> all = new ArrayList<>();
        all.add(new Item(Kind.SINCE, -1, System.nanoTime() + " " + spentMillis));
        all.addAll(site.rest());
        all.addAll(workers);
        all.add(new Item(Kind.LOCK, lock, ""));
        return all;
    }

    private static Holder adopt(Path folder, List<Item> items, boolean fresh) throws IOException {
        Site site = Site.adopt(items);
        List<Item> workers = items.stream().filter(i -> i.kind() == Kind.WORKER).toList();
        Holder holder = new Holder(folder, site, workers, one(items, Kind.LOCK).descriptor());
        int watched = 0;
        for (Item worker : workers) {
            ProcessIdentity identity = ProcessIdentity.parse(worker.note()).orElseThrow();
            watched += holder.launcher.adopt(identity, holder.exits::add) ? 1 : 0;
        }
        site.begin();
        String[] since = one(items, Kind.SINCE).note().split(" ");
        // The clock is the machine's, the same for all processes.
        long pauseMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - Long.parseLong(since[0]));
        long cpu = processorMillis() - (fresh ? 0 : Long.parseLong(since[1]));
        String lock = locks(holder.lock) ? "held" : "refused";
        say("ready pid=" + pid() + " pause-us=" + pauseMicros + " cpu-ms=" + cpu + " workers=" + watched + " lock="
                + lock);
        return holder;
    }

    private static Item one(List<Item> items, Kind kind) {
        return items.stream().filter(i -> i.kind() == kind).findFirst().orElseThrow();
    }

    /// Whether the lock is this process's, now at the latest.
    private static boolean locks(int descriptor) {
        try {
            Succession.lock(descriptor);
            return true;
        } catch (Posix.Errno e) {
            return false;
        }
    }

    /// Asks each worker by its channel, has it end, and tells what was seen of that.
    private void check() throws Exception {
        int answers = 0;
        long parents = workers.stream().filter(Holder::childOfMine).count();
        for (Item worker : workers) {
            answers += says(worker.descriptor(), "here\n").equals("here\n") ? 1 : 0;
        }
        int codes = 0;
        int unseen = 0;
        for (Item worker : workers) {
            int _ = Posix.send(worker.descriptor(), "end\n".getBytes(StandardCharsets.US_ASCII), 0, -1);
            ExitStatus how = exits.poll(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
            codes += how instanceof ExitStatus.Exited(int code) && code == 7 ? 1 : 0;
            unseen += how instanceof ExitStatus.Unseen ? 1 : 0;
        }
        say("checked channels=" + answers + " children=" + parents + " codes=" + codes + " unseen=" + unseen + " lock="
                + (locks(lock) ? "held" : "refused"));
    }

    private static boolean childOfMine(Item worker) {
        int pid = ProcessIdentity.parse(worker.note()).orElseThrow().pid();
        return ProcessHandle.of(pid)
                .flatMap(ProcessHandle::parent)
                .filter(parent -> parent.pid() == pid())
                .isPresent();
    }

    private static String says(int channel, String word) throws IOException {
        int _ = Posix.send(channel, word.getBytes(StandardCharsets.US_ASCII), 0, -1);
        // The parent's end blocks.
        byte[] answer = Posix.receive(channel);
        return answer == null ? "" : new String(answer, StandardCharsets.US_ASCII);
    }

    /// The classes of both ways, for the ahead-of-time cache: the daemon has one too.
    private static void train(Path folder) throws Exception {
        Holder holder = begin(folder, 1);
        List<Item> items = holder.all(processorMillis()).stream()
                .map(item -> item.kind() == Kind.LISTENER ? item.at(copy(item)) : item)
                .toList();
        holder.write(items);
        Holder next = adopt(folder, read(folder), true);
        int socket = UnixDatagrams.bind(folder.resolve("next"));
        UnixDatagrams.send(folder.resolve("next").toString(), new byte[1], List.of(next.lock));
        UnixDatagrams.Datagram _ = await(socket);
        ask(next.site);
        System.exit(0);
    }

    /// All that a start takes is done once before the former one comes to rest, with sockets of no account.
    private static void warmUp() throws IOException {
        Item listener = Site.open().rest().getFirst();
        Site site = Site.adopt(List.of(Item.of(listener.at(copy(listener)).text())));
        site.begin();
        ask(site);
        ProcessIdentity own = ProcessIdentity.of((int) pid()).orElseThrow();
        boolean _ = new Launcher(new Poller("bench-warm")).adopt(own, _ -> {});
    }

    private static void ask(Site site) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), site.port())) {
            client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            int _ = client.getInputStream().read();
        }
    }

    private static int copy(Item item) {
        try {
            return Succession.copy(item.descriptor());
        } catch (Posix.Errno e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> own(String how) {
        return command(List.of(how, folder.toString()));
    }

    /// This JVM with its options, for `arguments`.
    static List<String> command(List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), Holder.class.getName()));
        words.addAll(arguments);
        return words;
    }

    /// Of this process, `execve` or not, and of those of its children that have ended: a rehearsal.
    private static long processorMillis() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int field = FIRST_TIME; field < FIRST_TIME + TIMES; field++) {
                ticks += Long.parseLong(fields[field]);
            }
            return ticks * MILLIS_A_TICK;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
