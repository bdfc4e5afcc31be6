/// The written forms of a registry.
///
/// **Lives here:** [PrometheusText].
///
/// **May come in:** whoever answers a scrape. **Thread:** any.
///
/// **Must not know:** how the text travels.
@NullMarked
package io.pm2j.metrics.export;

import org.jspecify.annotations.NullMarked;
