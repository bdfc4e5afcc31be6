package io.pm2j.bench.load;

import java.net.URI;
import java.time.Duration;

/// The traffic to make.
///
/// @param url where to, `http://host:port/path`
/// @param requests how many in all, slow readers not counted
/// @param pace when each is due
/// @param postShare percent of requests that are POSTs, each with an id of its own in its body
/// @param freshShare percent of requests that open a connection and close it; the others reuse kept-alive ones
/// @param postBytes upper limit of the random filler after the id in a POST body; a quarter of them go chunked
/// @param longestThink now and then a kept-alive connection rests for up to this long before its next request
/// @param echo whether every answer must contain the id that the request carried
/// @param timeout from the moment a request was due to its last byte
/// @param slowReaders extra connections that read the answer to `slowPath` slowly, over and over
/// @param slowPath path of a large answer
public record LoadPlan(
        URI url,
        long requests,
        Pace pace,
        int postShare,
        int freshShare,
        int postBytes,
        Duration longestThink,
        boolean echo,
        Duration timeout,
        int slowReaders,
        String slowPath) {

    private static final int DEFAULT_POST_BYTES = 1024;

    /// Long enough to cross the 5 s after which Node closes an idle connection.
    private static final Duration DEFAULT_LONGEST_THINK = Duration.ofSeconds(12);

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    public LoadPlan {
        if (!"http".equals(url.getScheme()) || url.getHost() == null) {
            throw new IllegalArgumentException("url: " + url + " (expected: http://host:port/path)");
        }
        if (requests < 1) {
            throw new IllegalArgumentException("requests: " + requests + " (expected: >= 1)");
        }
        percent("postShare", postShare);
        percent("freshShare", freshShare);
    }

    /// GETs only, all on kept-alive connections; refine with the `with…` methods.
    public static LoadPlan of(URI url, long requests, Pace pace) {
        return new LoadPlan(
                url,
                requests,
                pace,
                0,
                0,
                DEFAULT_POST_BYTES,
                DEFAULT_LONGEST_THINK,
                false,
                DEFAULT_TIMEOUT,
                0,
                "/big");
    }

    /// The same traffic with these shares, in percent.
    public LoadPlan withShares(int postShare, int freshShare) {
        return new LoadPlan(
                url,
                requests,
                pace,
                postShare,
                freshShare,
                postBytes,
                longestThink,
                echo,
                timeout,
                slowReaders,
                slowPath);
    }

    /// The same traffic, each answer checked for the id of its request.
    public LoadPlan withEcho() {
        return new LoadPlan(
                url,
                requests,
                pace,
                postShare,
                freshShare,
                postBytes,
                longestThink,
                true,
                timeout,
                slowReaders,
                slowPath);
    }

    /// The same traffic with POST bodies of up to `bytes`, and rests of up to `think`.
    public LoadPlan withMix(int bytes, Duration think) {
        return new LoadPlan(
                url, requests, pace, postShare, freshShare, bytes, think, echo, timeout, slowReaders, slowPath);
    }

    /// The same traffic with another patience.
    public LoadPlan withTimeout(Duration timeout) {
        return new LoadPlan(
                url,
                requests,
                pace,
                postShare,
                freshShare,
                postBytes,
                longestThink,
                echo,
                timeout,
                slowReaders,
                slowPath);
    }

    /// The same traffic beside `slowReaders` connections that dawdle over the answer to `slowPath`.
    public LoadPlan withSlowReaders(int slowReaders, String slowPath) {
        return new LoadPlan(
                url,
                requests,
                pace,
                postShare,
                freshShare,
                postBytes,
                longestThink,
                echo,
                timeout,
                slowReaders,
                slowPath);
    }

    int port() {
        return url.getPort() == -1 ? 80 : url.getPort();
    }

    String path() {
        return url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    }

    private static void percent(String name, int value) {
        if (value < 0 || value > 100) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to 100)");
        }
    }
}
