#include <Rcpp.h>

#include <cstring>

namespace {

bool has_quotes(const Rbyte* begin, R_xlen_t length) {
  return length > 0 && std::memchr(begin, '"', static_cast<std::size_t>(length));
}

bool is_blank(const Rbyte* begin, const Rbyte* end) {
  while (begin != end && (*begin == ' ' || *begin == '\r')) ++begin;
  return begin == end;
}

// The line break that ends the record at `begin`, null where there is none: those within quotes don't.
const Rbyte* record_break(const Rbyte* begin, const Rbyte* end, bool quoted) {
  if (!quoted) return static_cast<const Rbyte*>(std::memchr(begin, '\n', end - begin));
  bool is_quoted = false;
  for (; begin != end; ++begin) {
    if (*begin == '"') is_quoted = !is_quoted;
    if (*begin == '\n' && !is_quoted) return begin;
  }
  return nullptr;
}

}  // namespace

// Where the `rows`-th record of comma-separated text ends, or the last complete one. Blank lines are no records. The
// text starts at the start of a record.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector record_end_impl(Rcpp::RawVector text, double rows) {
  const Rbyte* const first = RAW(text);
  const Rbyte* const last = first + text.size();
  const bool quoted = has_quotes(first, text.size());
  const Rbyte* end = first;
  double count = 0.0;
  while (count < rows && end != last) {
    const Rbyte* found = record_break(end, last, quoted);
    if (!found) break;
    if (!is_blank(end, found)) ++count;
    end = found + 1;
  }
  return Rcpp::NumericVector::create(Rcpp::Named("end") = static_cast<double>(end - first),
                                     Rcpp::Named("rows") = count);
}

// c(a, b), at the speed of memory.
// [[Rcpp::export(rng = false)]]
Rcpp::RawVector join_bytes_impl(Rcpp::RawVector a, Rcpp::RawVector b) {
  Rcpp::RawVector both(Rcpp::no_init(a.size() + b.size()));
  if (a.size()) std::memcpy(RAW(both), RAW(a), a.size());
  if (b.size()) std::memcpy(RAW(both) + a.size(), RAW(b), b.size());
  return both;
}

// The first `end` bytes as a string, whether they hold a quote, and the others.
// [[Rcpp::export(rng = false)]]
Rcpp::List cut_text_impl(Rcpp::RawVector text, double end) {
  const R_xlen_t cut = static_cast<R_xlen_t>(end), left = text.size() - cut;
  Rcpp::RawVector rest(Rcpp::no_init(left));
  if (left) std::memcpy(RAW(rest), RAW(text) + cut, left);
  Rcpp::Shield<SEXP> head(
      Rf_mkCharLenCE(reinterpret_cast<const char*>(RAW(text)), static_cast<int>(cut), CE_NATIVE));
  return Rcpp::List::create(Rcpp::Named("text") = Rf_ScalarString(head), Rcpp::Named("rest") = rest,
                            Rcpp::Named("has_quotes") = has_quotes(RAW(text), cut));
}
