package io.pm2j.bench.handover;

import io.pm2j.bench.load.LoadReport;
import java.util.Map;

/// One hand-over.
///
/// @param load what the clients saw
/// @param answered how many of the idle kept-alive connections answered afterwards
/// @param ready what the next holder said when it was ready
/// @param checked what it said of its workers and the lock afterwards
/// @param cpuMillis processor time of all that took part, from the word until the next one was ready
/// @param peakKib the most memory that all had at once (Rss)
/// @param samePid whether the next one has the pid of the former
record Measured(
        LoadReport load,
        int answered,
        Map<String, String> ready,
        Map<String, String> checked,
        long cpuMillis,
        long peakKib,
        boolean samePid) {

    double pauseMillis() {
        return Long.parseLong(ready.getOrDefault("pause-us", "-1")) / 1000.0;
    }

    double longestGapMillis() {
        return load.longestGap().toNanos() / 1e6;
    }

    int checked(String what) {
        return Integer.parseInt(checked.getOrDefault(what, "-1"));
    }
}
