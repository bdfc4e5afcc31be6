@NullMarked
package io.pm2j.proxy;

import org.jspecify.annotations.NullMarked;
