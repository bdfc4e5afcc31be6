@NullMarked
package io.pm2j.proxy.files;

import org.jspecify.annotations.NullMarked;
