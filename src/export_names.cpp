#include <Rcpp.h>

#include <R_ext/Altrep.h>

#include <string>

// The names of very many coefficients, each a prefix and a level: one is made when it is first read, as most are never looked at.
// R sees an ordinary vector of strings. data1: list(prefixes, values, c(length, reads, passed over)), the last of each part's values;
// data2: the vector, once made.

namespace {

R_altrep_class_t names_class;

SEXP recipe_of(SEXP names, int part) { return VECTOR_ELT(R_altrep_data1(names), part); }

R_xlen_t length_of(SEXP names) { return static_cast<R_xlen_t>(REAL(recipe_of(names, 2))[0]); }

R_xlen_t passed_over(SEXP names) { return static_cast<R_xlen_t>(REAL(recipe_of(names, 2))[2]); }

// As paste0() does.
SEXP joined(SEXP prefix, SEXP value) {
  if (LENGTH(prefix) == 0) return value;
  if (Rf_getCharCE(prefix) == CE_BYTES || Rf_getCharCE(value) == CE_BYTES) {
    const std::string bytes = std::string(CHAR(prefix)) + CHAR(value);
    return Rf_mkCharLenCE(bytes.data(), static_cast<int>(bytes.size()), CE_BYTES);
  }
  const std::string text = std::string(Rf_translateCharUTF8(prefix)) + Rf_translateCharUTF8(value);
  return Rf_mkCharLenCE(text.data(), static_cast<int>(text.size()), CE_UTF8);
}

SEXP name_at(SEXP names, R_xlen_t i) {
  SEXP values = recipe_of(names, 1);
  const R_xlen_t before = passed_over(names);
  R_xlen_t part = 0;
  while (i >= Rf_xlength(VECTOR_ELT(values, part)) - before)
    i -= Rf_xlength(VECTOR_ELT(values, part++)) - before;
  return joined(STRING_ELT(recipe_of(names, 0), part),
                STRING_ELT(VECTOR_ELT(values, part), i + before));
}

SEXP values_of(SEXP names) {
  SEXP made = R_altrep_data2(names);
  if (made != R_NilValue) return made;
  const R_xlen_t length = length_of(names);
  made = PROTECT(Rf_allocVector(STRSXP, length));
  SEXP prefixes = recipe_of(names, 0), values = recipe_of(names, 1);
  R_xlen_t k = 0;
  for (R_xlen_t part = 0; part < Rf_xlength(values); ++part)
    for (R_xlen_t i = passed_over(names); i < Rf_xlength(VECTOR_ELT(values, part)); ++i)
      SET_STRING_ELT(made, k++,
                     joined(STRING_ELT(prefixes, part), STRING_ELT(VECTOR_ELT(values, part), i)));
  R_set_altrep_data2(names, made);
  UNPROTECT(1);
  return made;
}

// Who reads one after the other gets them made at once.
SEXP element_of(SEXP names, R_xlen_t i) {
  constexpr double single_reads = 1000.0;
  double& reads = REAL(recipe_of(names, 2))[1];
  if (R_altrep_data2(names) == R_NilValue && ++reads < single_reads) return name_at(names, i);
  return STRING_ELT(values_of(names), i);
}

void set_element(SEXP names, R_xlen_t i, SEXP value) { SET_STRING_ELT(values_of(names), i, value); }

void* data_of(SEXP names, Rboolean) { return const_cast<SEXP*>(STRING_PTR_RO(values_of(names))); }

const void* data_if_made(SEXP names) {
  SEXP made = R_altrep_data2(names);
  return made == R_NilValue ? nullptr : STRING_PTR_RO(made);
}

SEXP new_names(SEXP prefixes, SEXP values, double length, double passed_over) {
  Rcpp::Shield<SEXP> recipe(Rf_allocVector(VECSXP, 3));
  SET_VECTOR_ELT(recipe, 0, prefixes);
  SET_VECTOR_ELT(recipe, 1, values);
  SET_VECTOR_ELT(recipe, 2, Rf_allocVector(REALSXP, 3));
  REAL(VECTOR_ELT(recipe, 2))[0] = length;
  REAL(VECTOR_ELT(recipe, 2))[1] = 0.0;
  REAL(VECTOR_ELT(recipe, 2))[2] = passed_over;
  return R_new_altrep(names_class, recipe, R_NilValue);
}

// Those that are made are copied by R.
SEXP duplicated(SEXP names, Rboolean) {
  if (R_altrep_data2(names) != R_NilValue) return nullptr;
  return new_names(recipe_of(names, 0), recipe_of(names, 1), static_cast<double>(length_of(names)),
                   static_cast<double>(passed_over(names)));
}

// A copy on disk or on a node is an ordinary vector.
SEXP serialized(SEXP names) { return values_of(names); }
SEXP unserialized(SEXP, SEXP values) { return values; }

Rboolean inspected(SEXP names, int, int, int, void (*)(SEXP, int, int, int)) {
  Rprintf("names by glmpp (%s)\n", R_altrep_data2(names) == R_NilValue ? "not made" : "made");
  return TRUE;
}

}  // namespace

// [[Rcpp::init]]
void init_names(DllInfo* dll) {
  names_class = R_make_altstring_class("names", "glmpp", dll);
  R_set_altrep_Length_method(names_class, length_of);
  R_set_altrep_Inspect_method(names_class, inspected);
  R_set_altrep_Duplicate_method(names_class, duplicated);
  R_set_altrep_Serialized_state_method(names_class, serialized);
  R_set_altrep_Unserialize_method(names_class, unserialized);
  R_set_altvec_Dataptr_method(names_class, data_of);
  R_set_altvec_Dataptr_or_null_method(names_class, data_if_made);
  R_set_altstring_Elt_method(names_class, element_of);
  R_set_altstring_Set_elt_method(names_class, set_element);
}

// paste0() of each prefix and its values, one after the other; with an empty prefix the values as they are. The first `passed_over`
// values of each part are left out.
// [[Rcpp::export(rng = false)]]
SEXP deferred_names_impl(Rcpp::CharacterVector prefixes, Rcpp::List values, int passed_over) {
  double length = 0.0;
  for (SEXP of_part : values) {
    if (TYPEOF(of_part) != STRSXP) Rcpp::stop("names are made of strings");
    if (Rf_xlength(of_part) < passed_over) Rcpp::stop("fewer values than are passed over");
    length += static_cast<double>(Rf_xlength(of_part) - passed_over);
  }
  if (prefixes.size() != values.size()) Rcpp::stop("a prefix for each part");
  return new_names(prefixes, values, length, passed_over);
}
