#include <Rcpp.h>

#include <R_ext/Altrep.h>

// A vector of doubles whose values are made when they are first read: what a summary holds of n rows costs nothing until
// somebody looks at it. R sees an ordinary vector. data1: list(maker, length, part); data2: the values, once made.

namespace {

R_altrep_class_t deferred_class;

SEXP values_of(SEXP deferred) {
  SEXP values = R_altrep_data2(deferred);
  if (values != R_NilValue) return values;
  SEXP made_by = R_altrep_data1(deferred);
  SEXP part = VECTOR_ELT(made_by, 2);
  SEXP call = PROTECT(part == R_NilValue ? Rf_lang1(VECTOR_ELT(made_by, 0))
                                         : Rf_lang2(VECTOR_ELT(made_by, 0), part));
  values = PROTECT(Rf_eval(call, R_GlobalEnv));
  if (TYPEOF(values) != REALSXP || Rf_xlength(values) != Rf_asReal(VECTOR_ELT(made_by, 1)))
    Rf_error("the values of a deferred vector must be doubles, as many as were announced");
  R_set_altrep_data2(deferred, values);
  SET_VECTOR_ELT(made_by, 0, R_NilValue);  // with what it holds
  UNPROTECT(2);
  return values;
}

R_xlen_t length_of(SEXP deferred) {
  return static_cast<R_xlen_t>(Rf_asReal(VECTOR_ELT(R_altrep_data1(deferred), 1)));
}

void* data_of(SEXP deferred, Rboolean) { return REAL(values_of(deferred)); }

const void* data_if_made(SEXP deferred) {
  SEXP values = R_altrep_data2(deferred);
  return values == R_NilValue ? nullptr : REAL(values);
}

double element_of(SEXP deferred, R_xlen_t i) { return REAL(values_of(deferred))[i]; }

// A copy on disk or on a node has the values.
SEXP serialized(SEXP deferred) { return values_of(deferred); }
SEXP unserialized(SEXP, SEXP values) { return values; }

Rboolean inspected(SEXP deferred, int, int, int, void (*)(SEXP, int, int, int)) {
  Rprintf("deferred by glmpp (%s)\n", R_altrep_data2(deferred) == R_NilValue ? "not made" : "made");
  return TRUE;
}

SEXP new_deferred(SEXP maker, double length, SEXP part, SEXP names, SEXP dim, SEXP dimnames) {
  Rcpp::Shield<SEXP> made_by(Rf_allocVector(VECSXP, 3));
  SET_VECTOR_ELT(made_by, 0, maker);
  SET_VECTOR_ELT(made_by, 1, Rf_ScalarReal(length));
  SET_VECTOR_ELT(made_by, 2, part);
  Rcpp::Shield<SEXP> deferred(R_new_altrep(deferred_class, made_by, R_NilValue));
  if (names != R_NilValue) Rf_setAttrib(deferred, R_NamesSymbol, names);
  if (dim != R_NilValue) Rf_setAttrib(deferred, R_DimSymbol, dim);
  if (dimnames != R_NilValue) Rf_setAttrib(deferred, R_DimNamesSymbol, dimnames);
  return deferred;
}

}  // namespace

// [[Rcpp::init]]
void init_deferred(DllInfo* dll) {
  deferred_class = R_make_altreal_class("deferred", "glmpp", dll);
  R_set_altrep_Length_method(deferred_class, length_of);
  R_set_altrep_Inspect_method(deferred_class, inspected);
  R_set_altrep_Serialized_state_method(deferred_class, serialized);
  R_set_altrep_Unserialize_method(deferred_class, unserialized);
  R_set_altvec_Dataptr_method(deferred_class, data_of);
  R_set_altvec_Dataptr_or_null_method(deferred_class, data_if_made);
  R_set_altreal_Elt_method(deferred_class, element_of);
}

// `maker`: a function without arguments that returns `length` doubles. `names`: NULL or those of the vector; R would copy a
// short one, and so make it, to give it an attribute.
// [[Rcpp::export(rng = false)]]
SEXP deferred_impl(SEXP maker, double length, SEXP names) {
  return new_deferred(maker, length, R_NilValue, names, R_NilValue, R_NilValue);
}

// The parts of a QR decomposition of rows x p, `qr`, `qraux`, `effects` and `R`: maker(k) makes part k. `dimnames`: NULL or
// those of `qr`.
// [[Rcpp::export(rng = false)]]
Rcpp::List deferred_qr_impl(SEXP maker, int rows, int p, SEXP dimnames) {
  SEXP columns = Rf_isNull(dimnames) ? R_NilValue : VECTOR_ELT(dimnames, 1);
  const double n = rows, count = p;
  Rcpp::Shield<SEXP> tall(Rcpp::IntegerVector::create(rows, p)),
      square(Rcpp::IntegerVector::create(p, p));
  SEXP names_of_effects = R_NilValue, names_of_root = R_NilValue;
  Rcpp::Shield<SEXP> effects(Rf_allocVector(STRSXP, Rf_isNull(columns) ? 0 : rows));
  Rcpp::Shield<SEXP> both(Rf_allocVector(VECSXP, 2));
  if (!Rf_isNull(columns)) {
    for (int j = 0; j < p; ++j) SET_STRING_ELT(effects, j, STRING_ELT(columns, j));
    SET_VECTOR_ELT(both, 0, columns);
    SET_VECTOR_ELT(both, 1, columns);
    names_of_effects = effects;
    names_of_root = both;
  }
  Rcpp::List parts(4);
  const auto put = [&](int k, double length, SEXP names, SEXP dim, SEXP named) {
    Rcpp::Shield<SEXP> part(Rf_ScalarInteger(k + 1));
    parts[k] = new_deferred(maker, length, part, names, dim, named);
  };
  put(0, n * count, R_NilValue, tall, dimnames);
  put(1, count, R_NilValue, R_NilValue, R_NilValue);
  put(2, n, names_of_effects, R_NilValue, R_NilValue);
  put(3, count * count, R_NilValue, square, names_of_root);
  return parts;
}
