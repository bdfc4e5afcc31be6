package io.pm2j.proxy.route;

import io.pm2j.config.spec.edge.Template;

/// What is known of a request when a template is filled. Nothing here is null; what is not known
/// is empty.
@FunctionalInterface
public interface Facts {
    CharSequence of(Template.Place place);
}
