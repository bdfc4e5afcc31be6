@NullMarked
package io.pm2j.cli;

import org.jspecify.annotations.NullMarked;
