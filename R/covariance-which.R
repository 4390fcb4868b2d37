# Covariances between some coefficients, and variances of all, without the matrix of all: of fits whose largest factor was eliminated.

# `which`: names or positions of coefficients. A matrix over them, NA where one is aliased.
covariance_between <- function(object, which, type, cluster, cadjust, dispersion) {
  estimates <- .subset2(object, "coefficients")
  # Of a fit all of whose coefficients are absorbed.
  if (identical(which, integer())) return(matrix(numeric(), 0, 0))
  places <- check_which(which, names(estimates))
  known <- !is.na(estimates[places])
  names <- names(estimates)[places]
  matrix <- matrix(NA_real_, length(places), length(places), dimnames = list(names, names))
  if (!any(known)) return(matrix)
  chosen <- places[known]
  is_plain <- type %in% c("const", "HC0", "HC1") || !inherits(object, "glmpp_remote") && type != "observed"
  matrix[known, known] <- if (has_bordered(object) && is_plain) {
    if (startsWith(type, "HC")) sandwich_between(object, chosen, type, cluster, cadjust)
    else model_dispersion(object, dispersion) * inverse_between(object, chosen)
  } else {
    more <- if (!is.null(dispersion)) list(dispersion = dispersion)
    covariance_of_type(object, type, cluster, more, TRUE, cadjust)[chosen, chosen, drop = FALSE]
  }
  matrix
}

check_which <- function(which, names) {
  known <- if (is.character(which)) match(which, names)
           else if (is.logical(which) && length(which) == length(names)) base::which(which)
           else if (is.numeric(which)) match(which, seq_along(names))
  if (length(known) && !anyNA(known) && !anyDuplicated(known)) return(known)
  bad <- if (length(known)) which[is.na(known) | duplicated(known)]
  stop_glmpp("argument", "`which` must name coefficients, or be their numbers, each once.",
             x = if (length(bad)) sprintf("%s is none.", value_text(bad)) else sprintf("It is %s.", describe_type(which)),
             i = if (is.character(bad)) did_you_mean(bad, names))
}

# The scores of the rows: what their x is multiplied by, with the correction by their leverage.
corrected_scores <- function(object, type) {
  scores <- finite_scores(object)
  if (type %in% c("HC0", "HC1")) return(scores)
  powers <- leverage_powers(list(type = type, rows = stats::nobs(object), rank = .subset2(object, "rank")))
  used <- .subset2(object, "prior.weights") != 0
  h <- replace(numeric(length(scores)), used, leverages(object, used))
  exponent <- powers$power
  for (most in powers$most) exponent <- exponent + pmin(most, powers$relative * h)
  own_fit <- 1e-8
  ifelse(1 - h > own_fit, scores * (1 - h)^(-exponent / 2), 0)
}

# sum(sign factor visit(codes)) over the sets of the cluster's variables; `codes` is NULL where each row stands alone.
over_clusters <- function(object, cluster, type, cadjust, visit) {
  scale <- small_sample_factor(object, type, cluster)
  if (is.null(cluster)) return(scale * visit(NULL))
  variables <- cluster_variables(cluster)
  codes <- lapply(variables, function(variable) match_codes(cluster_of_rows(object, with_right_side(cluster, variable))))
  used <- .subset2(object, "prior.weights") > 0
  over_sets(variables, cadjust, function(chosen) {
    groups <- codes_of_weighted(combined_codes(codes[chosen]), object)
    list(count = length(unique(groups[used])), sum = function() visit(groups))
  }) * scale
}

# By inclusion and exclusion. `sums_of(chosen)`: how many clusters a set makes, and a function that gives what belongs to it.
over_sets <- function(variables, cadjust, sums_of) {
  total <- 0
  for (set in seq_len(2^length(variables) - 1)) {
    chosen <- bitwAnd(set, 2^(seq_along(variables) - 1)) > 0
    of_set <- sums_of(chosen)
    check_several_clusters(of_set$count, variables[chosen])
    sign <- if (sum(chosen) %% 2) 1 else -1
    total <- total + sign * (if (cadjust) of_set$count / (of_set$count - 1) else 1) * of_set$sum()
  }
  total
}

# Of rows from afar: `by_middle` of the middle of rows, a vector, or `by_scores` of the scores of clusters, a row each.
sandwich_afar <- function(object, type, cluster, cadjust, by_middle, by_scores) {
  scale <- small_sample_factor(object, type, cluster)
  at <- unname(known_coefficients(object))
  with_problem(object, function(problem) {
    if (is.null(cluster)) return(scale * by_middle(problem$meat(at, NULL, object)))
    variables <- cluster_variables(cluster)
    over_sets(variables, cadjust, function(chosen) {
      scores <- problem$meat(at, combined_formula(cluster, variables[chosen]), object)
      list(count = nrow(scores), sum = function() by_scores(scores))
    }) * scale
  })
}

refuse_corrected_clusters <- function(type, cluster) {
  if (is.null(cluster) || type %in% c("HC0", "HC1")) return(invisible())
  stop_glmpp("covariance", sprintf("`type = \"%s\"` of clusters needs the covariances of all coefficients, which are too many here.", type),
             i = "Take \"HC0\" or \"HC1\".")
}

# Between some: V'x of each row, for these columns of V, times its score.
sandwich_between <- function(object, which, type, cluster, cadjust) {
  refuse_joint_errors(object, "The sandwich")
  refuse_corrected_clusters(type, cluster)
  fit <- unclass(object)
  by_middle <- function(middle) bordered_between_impl(fit$qr, middle, as.integer(which), fit$solver$threads)
  if (is.null(cluster) && !inherits(object, "glmpp_remote")) {
    return(small_sample_factor(object, type, NULL) * by_middle(middle_of_scores(fit, fit_design(object), corrected_scores(object, type))))
  }
  units <- matrix(0, length(fit$coefficients), length(which))
  units[cbind(which, seq_along(which))] <- 1
  columns <- bordered_solve_impl(fit$qr, units)
  if (inherits(object, "glmpp_remote")) {
    return(sandwich_afar(object, type, cluster, cadjust, by_middle, function(scores) crossprod(scores %*% columns)))
  }
  design <- fit_design(object)
  scores <- corrected_scores(object, type)
  moves <- vapply(seq_along(which), function(k) linear_predictor_impl(design, columns[, k], fit$solver$threads) * scores,
                  numeric(length(scores)))
  over_clusters(object, cluster, type, cadjust, function(codes) crossprod(rowsum(moves, codes, reorder = FALSE)))
}

# The sum of x x' r^2 over the rows, as the vector of a bordered information.
middle_of_scores <- function(fit, design, scores) {
  design$structure <- if (is.null(fit$qr$pattern)) "bordered" else "bordered_sparse"
  weighted_cross_product_impl(design, scores^2, fit$solver$threads)
}

# Of all, a number for each that is not aliased.
sandwich_variances <- function(object, type, cluster = NULL, cadjust = TRUE) {
  refuse_joint_errors(object, "The sandwich")
  refuse_corrected_clusters(type, cluster)
  fit <- unclass(object)
  variances <- if (inherits(object, "glmpp_remote")) {
    sandwich_afar(object, type, cluster, cadjust, function(middle) bordered_between_impl(fit$qr, middle, NULL, fit$solver$threads),
                  function(scores) rowSums(bordered_solve_impl(fit$qr, t(scores))^2))
  } else sandwich_variances_of_rows(object, fit, type, cluster, cadjust)
  known <- !is.na(fit$coefficients)
  named(variances[known], names(fit$coefficients)[known])
}

sandwich_variances_of_rows <- function(object, fit, type, cluster, cadjust) {
  design <- fit_design(object)
  scores <- corrected_scores(object, type)
  # By the middle there are rows of it over the border.
  few_elements <- 1e7
  border <- as.double(length(fit$qr$border))
  is_sparse <- !is.null(fit$qr$pattern)
  if (is.null(cluster) && (is_sparse || length(fit$qr$inner) * border < few_elements)) {
    return(small_sample_factor(object, type, NULL) *
             bordered_between_impl(fit$qr, middle_of_scores(fit, design, scores), NULL, fit$solver$threads))
  }
  check_memory(8 * border^2 * (2 * fit$solver$threads + 2), sprintf("the sandwich of %s", plural(length(fit$coefficients), "coefficient")),
               i = large_fit_advice)
  over_clusters(object, cluster, type, cadjust, function(codes) {
    bordered_sandwich_impl(design, fit$qr, scores, codes, if (is.null(codes)) length(scores) else max(codes), fit$solver$threads)
  })
}

# As chosen_covariance(), with `variances`; the matrix only where it is made.
chosen_variances <- function(object, vcov) {
  if (is_models_covariance(object, vcov)) return(NULL)
  choice <- if (!has_covariance_matrix(object)) type_of_choice(object, vcov)
  if (is.null(choice) || choice$type == "observed") return(with_variances(chosen_covariance(object, vcov)))
  check_sandwich(choice$type, choice$cluster)
  list(variances = sandwich_variances(object, choice$type, choice$cluster), label = choice$label)
}

with_variances <- function(chosen) {
  if (!is.null(chosen)) c(chosen, list(variances = diag(chosen$matrix)))
}

# A matrix of all is made, or refused before any long work.
check_matrix_of_all <- function(object) {
  if (!has_bordered(object)) return(invisible())
  p <- .subset2(object, "rank")
  check_memory(4 * 8 * as.double(p)^2, sprintf("the covariances of %s", plural(p, "coefficient")), i = large_fit_advice)
}

# Between some coefficients (names) by what a verb is told to take as `vcov`: list(matrix, label), without a label for the model's.
covariance_of_names <- function(object, names, vcov = NULL, dispersion = NULL) {
  if (has_covariance_matrix(object)) {
    chosen <- chosen_covariance(object, vcov) %||%
      list(matrix = covariance_of_type(object, "const", NULL, list(dispersion = dispersion), complete = FALSE))
    return(replace(chosen, "matrix", list(chosen$matrix[names, names, drop = FALSE])))
  }
  choice <- if (is_models_covariance(object, vcov)) list(type = "const") else type_of_choice(object, vcov)
  if (is.null(choice)) {
    chosen <- chosen_covariance(object, vcov)
    return(replace(chosen, "matrix", list(chosen$matrix[names, names, drop = FALSE])))
  }
  if (choice$type != "const") check_sandwich(choice$type, choice$cluster)
  list(matrix = covariance_between(object, names, choice$type, choice$cluster, TRUE, dispersion), label = choice$label)
}
