/// What is counted: the numbers every room keeps, and the list of them a scrape reads.
///
/// **Lives here:** [Registry] (the list), [Counter], [Gauge], [LatencyHistogram], [Labelled] (one metric, many
/// series), [SampleSink] (numbers told at scrape time). The text form is in `io.pm2j.metrics.export`.
///
/// **May come in:** every room. **Thread:** any; counting takes no lock.
///
/// **Must not know:** HTTP, processes, sockets, Vert.x.
@NullMarked
package io.pm2j.metrics;

import org.jspecify.annotations.NullMarked;
