# The middle of the sandwich for clusters, in one way or several.

# The variables of `~ a + b`.
cluster_variables <- function(cluster) {
  split <- function(expression) {
    if (is_call_of(expression, "+") && length(expression) == 3) c(split(expression[[2]]), split(expression[[3]])) else list(expression)
  }
  split(cluster[[length(cluster)]])
}

# With several variables, those of each set of them with the sign of inclusion and exclusion; Cameron, Gelbach and Miller (2011).
meat_of_clusters <- function(problem, at, cluster, object, type = "HC0", cadjust = TRUE) {
  variables <- cluster_variables(cluster)
  codes <- if (!inherits(object, "glmpp_remote")) lapply(variables, function(variable) {
    match_codes(cluster_of_rows(object, with_right_side(cluster, variable)))
  })
  is_corrected <- type %in% c("HC2", "HC3")
  over_sets(variables, cadjust, function(chosen) {
    groups <- if (is.null(codes)) combined_formula(cluster, variables[chosen]) else codes_of_weighted(combined_codes(codes[chosen]), object)
    scores <- if (is_corrected) corrected_cluster_scores(object, groups, type) else problem$meat(at, groups, object)
    count <- nrow(scores)
    list(count = count, sum = function() {
      (if (is_corrected) (count - 1) / count else 1) * columns_cross_product_impl(scores, object$solver$threads)
    })
  })
}

check_several_clusters <- function(count, variables) {
  if (count > 1) return(invisible())
  stop_glmpp("cluster", "`cluster` must have two clusters at the least.",
             x = sprintf("`%s` has one in the rows of the fit.", paste(vapply(variables, deparse1, ""), collapse = " + ")))
}

combined_formula <- function(cluster, variables) {
  with_right_side(cluster, if (length(variables) == 1) variables[[1]] else as.call(c(quote(paste), variables, sep = "\r")))
}

with_right_side <- function(formula, expression) {
  formula[[2]] <- expression
  formula
}

match_codes <- function(group) {
  if (is.factor(group)) group <- as.integer(group)
  match(group, unique(group))
}

# A code for each combination of codes.
combined_codes <- function(codes) Reduce(function(a, b) match_codes(a + max(a) * (b - 1)), codes)

# Rows without weight make no cluster; they have no score, whatever cluster they stand in.
codes_of_weighted <- function(codes, object) {
  used <- row_component(object, "prior.weights") > 0
  if (all(used)) codes else replace(rep(1L, length(codes)), which(used), match_codes(codes[used]))
}

# Scores X'M u of clusters, u the rows' residuals of the score and M the power -1/2 or -1 of I - X V X'W over the rows of the cluster,
# with V the inverse information, as sandwich::vcovCL() has it. With V = TT' and the spectrum QLQ' of T'X'WXT,
# M = I + X T Q c(L) Q'T'X'W, c(l) = ((1 - l)^power - 1) / l.
corrected_cluster_scores <- function(object, group, type) {
  if (inherits(object, "glmpp_remote")) {
    stop_glmpp("covariance", sprintf("`type = \"%s\"` of clusters needs their rows together, and these are elsewhere.", type),
               i = "Take \"HC0\" or \"HC1\".")
  }
  design <- fit_design(object)
  known <- !is.na(object$coefficients)
  t <- root_of_covariance(object)
  fit <- unclass(object)
  weights <- as.vector(fit$weights)
  residuals <- finite_scores(object)
  used <- which(weights != 0)
  members <- split(used, group[used])
  scores <- vapply(members, function(rows) {
    x <- design_rows_impl(design, rows)
    own <- x[, known, drop = FALSE]
    moved <- own %*% t
    correction <- correct_residuals(moved, weights[rows], residuals[rows], if (type == "HC2") -0.5 else -1)
    colSums(x * correction)
  }, numeric(length(known)))
  matrix(scores, length(members), length(known), byrow = TRUE)
}

# M u.
correct_residuals <- function(x, weights, residuals, power) {
  spectrum <- eigen(crossprod(x, weights * x), symmetric = TRUE)
  leverage <- pmin(pmax(spectrum$values, 0), 1)
  used <- leverage > 1e-14
  along <- spectrum$vectors[, used, drop = FALSE]
  # Of a singular block the pseudo-inverse.
  powers <- ifelse(1 - leverage[used] > 1e-10, (1 - leverage[used])^power, 0)
  factor <- (powers - 1) / leverage[used]
  residuals + drop(x %*% (along %*% (factor * crossprod(along, crossprod(x, weights * residuals)))))
}

# T with TT' the inverse information over the coefficients that are not aliased.
root_of_covariance <- function(object) {
  spectrum <- eigen(unscaled_covariance(object), symmetric = TRUE)
  spectrum$vectors %*% diag(sqrt(pmax(spectrum$values, 0)), length(spectrum$values))
}

cluster_of_rows <- function(object, cluster, argument = "cluster") {
  group <- group_labels(variable_of_rows(object, cluster, argument))
  check_cluster(group, cluster, argument)
  group
}

# The variable of a one-sided formula for the rows of the fit, in its data as they are now. Where these are all rows nothing is matched.
variable_of_rows <- function(object, formula, argument) {
  stop_unknown <- function(error) {
    stop_glmpp("cluster", sprintf("`%s` can't be evaluated in the data of the fit.", argument), x = conditionMessage(error))
  }
  object$call <- call_of_data(object)
  whole <- tryCatch(variable_of_all_rows(object, formula), error = function(e) NULL)
  if (!is.null(whole)) return(whole)
  found <- tryCatch(stats::expand.model.frame(object, formula, na.expand = TRUE), error = stop_unknown)
  if (!has_response_of_fit(object, found[[1]])) {
    stop_glmpp("cluster", sprintf("`%s` can't be had: the data have changed since the fit.", argument), i = "Fit the data as they are now.")
  }
  found[[deparse1(formula[[2]])]]
}

# A fit by refit() has the data of the fit that it was made of.
call_of_data <- function(object) .subset2(object, "call_of_data") %||% .subset2(object, "call")

# Rows in another order have other responses.
has_response_of_fit <- function(object, response) {
  if (!is.null(.subset2(object, "call_of_data"))) return(TRUE)
  known <- stats::model.response(model.frame(object))
  plain <- function(values) as.vector(unname(unclass(values)))
  is_same <- identical(plain(response), plain(known))
  is_same || isTRUE(all.equal(plain(response), plain(known), check.attributes = FALSE))
}

# NULL where rows were left out, or may have come in another order.
variable_of_all_rows <- function(object, formula) {
  call <- object$call
  if (!is.null(call$subset) || length(object$na.action)) return(NULL)
  model <- stats::formula(object)
  where <- environment(model)
  data <- if (is.null(call$data)) where else eval(call$data, where)
  values <- eval(formula[[2]], data, where)
  frame <- model.frame(object)
  if (!is.null(dim(values)) || length(values) != nrow(frame)) return(NULL)
  if (is.data.frame(data) && !identical(attr(data, "row.names"), attr(frame, "row.names"))) return(NULL)
  if (has_response_of_fit(object, eval(model[[2]], data, where))) values
}
