/// From text to specs: ecosystem files and command-line options, with every problem found and its
/// position.
///
/// **Lives here:** [EcosystemReader] (files), [AppOptions] (what was written about one app),
/// [AppSpecs] (from options to a spec), [Node] (a document with positions), [Attribute] (every
/// attribute there is), [EdgeReader] (what a file asks of the edge; [EdgeText] to send it) with
/// [RouteReader], [ActionReader], [PolicyReader]. **May come in:** the cli and the daemon.
/// **Thread:** any that may block; JavaScript files start a Node.
///
/// **Must not know:** what runs.
@NullMarked
package io.pm2j.config.read;

import org.jspecify.annotations.NullMarked;
