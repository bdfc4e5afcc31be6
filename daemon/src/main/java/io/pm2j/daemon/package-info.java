@NullMarked
package io.pm2j.daemon;

import org.jspecify.annotations.NullMarked;
