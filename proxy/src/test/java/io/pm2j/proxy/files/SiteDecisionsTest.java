package io.pm2j.proxy.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SiteDecisionsTest {
    private static final String TAG = "\"a,b\"";
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    private static final long WHEN = 784111777;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "*",
                "/%",
                "/%2",
                "/%zz",
                "/%00",
                "/..",
                "/a/../b",
                "/%2e%2e/x",
                "/%2E./x",
                "/./a",
                "/a\\b",
                "/%5c",
                "/%c0%af",
                "/%c0%ae%c0%ae/",
                "/%ed%a0%80",
                "/%ff",
                "/a b",
                "/a\nb",
                "/é",
                "/a#b",
                "http:/x"
            })
    void refusesMalformedTargets(String target) {
        assertThat(TargetPath.parse(target)).isInstanceOf(TargetPath.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/.env", "/.git/HEAD", "/a/.well-known/x", "/%2eenv", "/a%2fb", "/..data/x", "/.well-known/.x"})
    void knowsWhatIsNeverPublic(String target) {
        assertThat(TargetPath.parse(target)).isInstanceOf(TargetPath.Unservable.class);
    }

    @Test
    void decodesSegmentsAfterSplittingThem() {
        assertThat(TargetPath.parse("//a%20b//%e2%82%ac/?q=%zz"))
                .isEqualTo(new TargetPath.Lookup(List.of("a b", "€"), true, false, "?q=%zz"));
        assertThat(TargetPath.parse("http://h/x")).isEqualTo(new TargetPath.Lookup(List.of("x"), false, true, ""));
        assertThat(TargetPath.parse("/.well-known/x")).isInstanceOf(TargetPath.Lookup.class);
    }

    @Test
    void spellsLocationsThatStayOnThisOrigin() {
        var path = (TargetPath.Lookup) TargetPath.parse("//evil.example//%2525%0d%0aX:1?a=b");
        assertThat(path.spelled(true)).isEqualTo("/evil.example/%2525%0D%0AX:1/?a=b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "if-match|*|PROCEED",
                "if-match|'\"x\", \"a,b\"'|PROCEED",
                "if-match|'W/\"a,b\"'|FAILED",
                "if-match|'\"x\"'|FAILED",
                "if-none-match|'W/\"a,b\"'|NOT_MODIFIED",
                "if-none-match|*|NOT_MODIFIED",
                "if-none-match|'\"a\", \"b\"'|PROCEED",
                "if-none-match|garbage|PROCEED",
                "if-modified-since|'Sun, 06 Nov 1994 08:49:37 GMT'|NOT_MODIFIED",
                "if-modified-since|'Sunday, 06-Nov-94 08:49:37 GMT'|NOT_MODIFIED",
                "if-modified-since|'Sun Nov  6 08:49:37 1994'|NOT_MODIFIED",
                "if-modified-since|'Sun, 06 Nov 1994 08:49:36 GMT'|PROCEED",
                "if-modified-since|yesterday|PROCEED",
                "if-unmodified-since|'Sun, 06 Nov 1994 08:49:36 GMT'|FAILED",
                "if-unmodified-since|'Sun, 06 Nov 1994 08:49:37 GMT'|PROCEED"
            })
    void judgesOneCondition(String field, String value, Preconditions.Verdict verdict) {
        assertThat(Preconditions.judge(get(Map.of(field, value)), TAG, WHEN)).isEqualTo(verdict);
    }

    @Test
    void judgesConditionsInOrder() {
        String early = "Sun, 06 Nov 1994 08:49:36 GMT";
        assertThat(Preconditions.judge(get(Map.of("if-match", TAG, "if-unmodified-since", early)), TAG, WHEN))
                .isEqualTo(Preconditions.Verdict.PROCEED);
        assertThat(Preconditions.judge(get(Map.of("if-match", "\"x\"", "if-none-match", TAG)), TAG, WHEN))
                .isEqualTo(Preconditions.Verdict.FAILED);
        assertThat(Preconditions.judge(
                        get(Map.of("if-none-match", "\"x\"", "if-modified-since", HttpDate.write(Instant.now()))),
                        TAG,
                        WHEN))
                .isEqualTo(Preconditions.Verdict.PROCEED);
        assertThat(Preconditions.rangeHolds(get(Map.of("if-range", "W/" + TAG)), TAG, WHEN))
                .isFalse();
        assertThat(Preconditions.rangeHolds(get(Map.of("if-range", TAG)), TAG, WHEN))
                .isTrue();
        assertThat(Preconditions.rangeHolds(get(Map.of("if-range", early)), TAG, WHEN))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-0|0-0",
                "bytes=-5|995-999",
                "bytes=-5000|0-999",
                "bytes=990-|990-999",
                "bytes=0-99999999999999999999|0-999",
                "bytes=0-1,500-501|0-1 500-501",
                "bytes=500-501, 0-1|0-1 500-501",
                "bytes=0-9,20-29|0-29",
                "bytes=0-9,5000-|0-9",
                "bytes=1000-|none",
                "bytes=-0|none",
                "bytes=|whole",
                "bytes=a-b|whole",
                "bytes=5-4|whole",
                "bytes=-|whole",
                "bytes=--1|whole",
                "items=0-1|whole",
                "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,10-10|whole"
            })
    void readsRanges(String field, String expected) {
        String got = switch (Ranges.parse(field, 1000)) {
            case Ranges.Whole() -> "whole";
            case Ranges.Unsatisfiable() -> "none";
            case Ranges.Some(List<Ranges.Span> spans) ->
                String.join(
                        " ", spans.stream().map(s -> s.first() + "-" + s.last()).toList());
        };
        assertThat(got).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|IDENTITY",
                "gzip, br|BROTLI",
                "gzip;q=1, br;q=0.5|GZIP",
                "x-gzip|GZIP",
                "*|BROTLI",
                "*;q=0, gzip|GZIP",
                "br;q=0, *|GZIP",
                "identity, br;q=0.5|IDENTITY",
                "gzip;q=0|IDENTITY",
                "gzip;q=nonsense|IDENTITY",
                ";;,=,|IDENTITY"
            })
    void choosesAnEncoding(String field, Coding chosen) {
        assertThat(AcceptEncoding.choose(field, List.of(Coding.BROTLI, Coding.GZIP)))
                .isEqualTo(chosen);
    }

    @ParameterizedTest
    @CsvSource({
        "index.html,text/html; charset=utf-8",
        "a.MJS,text/javascript; charset=utf-8",
        "a.wasm,application/wasm",
        "a.avif,image/avif",
        "a.webmanifest,application/manifest+json; charset=utf-8",
        "a.js.map,application/json; charset=utf-8",
        "README,application/octet-stream",
        "a.exe,application/octet-stream"
    })
    void knowsMediaTypes(String name, String type) {
        assertThat(MediaTypes.of(name)).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource({
        "app-3f9c2b1a.js,true", "app.BX3kQ9aZ.css,true", "main.a1b2c3d4e5f6.min.js,true", "my-component-v2.js,false",
        "jquery-bootstrap4.min.js,false", "notes-20240101.js,false", "app.js,false", "3f9c2b1a.js,false"
    })
    void tellsHashedNames(String name, boolean hashed) {
        assertThat(CachePolicy.hashed(name)).isEqualTo(hashed);
        assertThat(CachePolicy.of(List.of(name), "text/javascript")).isEqualTo(CachePolicy.OTHER);
        assertThat(CachePolicy.of(List.of("assets", name), "text/javascript"))
                .isEqualTo(hashed ? CachePolicy.HASHED : CachePolicy.OTHER);
    }

    @Test
    void tellsNavigationsFromAssets() {
        assertThat(SiteNavigation.is("about", "text/html,*/*;q=0.8")).isTrue();
        assertThat(SiteNavigation.is("v1.2", null)).isTrue();
        assertThat(SiteNavigation.is("app.js", "*/*")).isFalse();
        assertThat(SiteNavigation.is("about", "application/json")).isFalse();
        assertThat(SiteNavigation.is("about", "text/html;q=0, */*")).isFalse();
    }

    @Test
    void tellsMissingFilesFromTroubleWithTheDisk() {
        assertThat(Tree.missing(new NoSuchFileException("x"))).isTrue();
        assertThat(Tree.missing(new FileSystemException("x", null, "Not a directory")))
                .isTrue();
        assertThat(Tree.missing(new FileSystemException("x", null, "Too many open files")))
                .isFalse();
        assertThat(Tree.missing(new AccessDeniedException("x"))).isFalse();
        assertThat(Tree.missing(new IOException("Input/output error"))).isFalse();
    }

    private static SiteRequest get(Map<String, String> headers) {
        return new SiteRequest("GET", "/", headers);
    }
}
