# Score tests on an open problem: score' I^-1 score over chosen columns at the estimate of a smaller model; Rao (1948).

# Score and expected information of all columns at a smaller model's estimate, by a pass when they are asked for.
score_point <- function(problem, solution) {
  sums <- NULL
  at <- if (length(solution$coefficients)) replace(solution$coefficients, solution$aliased, 0) else numeric(length(problem$names))
  ask <- function() {
    if (is.null(sums)) {
      found <- evaluate_problem(problem, at, c("score", "information"))
      sums <<- list(score = found$score, information = matrix(found$information, length(at)))
    }
    sums
  }
  structure(list(ask = ask), class = "glmpp_score_point")
}

# score' I^-1 score over the chosen columns and the rank of I there, by its scaled Cholesky factor with pivots.
score_statistic <- function(sums, chosen) {
  information <- sums$information[chosen, chosen, drop = FALSE]
  scale <- sqrt(diag(information))
  used <- scale > 0
  if (!any(used)) return(list(statistic = 0, rank = 0L))
  scaled <- information[used, used, drop = FALSE] / outer(scale[used], scale[used])
  root <- suppressWarnings(chol(scaled, pivot = TRUE, tol = 1e-10))
  rank <- attr(root, "rank")
  first <- seq_len(rank)
  score <- (sums$score[chosen][used] / scale[used])[attr(root, "pivot")[first]]
  list(statistic = sum(backsolve(root[first, first, drop = FALSE], score, transpose = TRUE)^2), rank = rank)
}

# One pass for all: the table has no deviances, for no larger model is fitted.
screened_additions <- function(object, scope, scale, test) {
  if (test != "Rao") stop_glmpp("argument", "`refit = FALSE` goes with `test = \"Rao\"`.", x = sprintf("`test` is \"%s\".", test))
  scope <- terms_to_add(object, if (!missing(scope)) scope)
  refuse_joint_errors(object, "The score test")
  dispersion <- if (scale == 0) dispersion_of(object) else scale
  table <- if (inherits(object, "glmpp_remote")) {
    with_larger_problem(object, scope, function(larger) screened_table(object, larger, scope, dispersion))
  } else {
    if (is_left_out(object, "model")) stop_left_out("model")
    larger <- larger_problem(object, scope)
    if (!is.null(larger)) screened_table(object, larger, scope, dispersion)
  }
  if (!is.null(table)) return(table)
  stop_glmpp("rows", "`refit = FALSE` needs terms that have no missing values in the rows of the fit, and leave its columns as they are.",
             i = "Leave `refit` at TRUE, or fit the complete rows: `data = na.omit(data[all variables])`.")
}

# NULL where the columns of the fit are not among those of the larger problem.
screened_table <- function(object, larger, scope, dispersion) {
  base <- match(column_keys(object$schema), column_keys(larger$schema))
  if (anyNA(base)) return(NULL)
  at <- replace(numeric(length(larger$names)), base, unname(known_coefficients(object)))
  sums <- score_point(larger, list(coefficients = at, aliased = integer()))$ask()
  rank <- score_statistic(sums, base)$rank
  found <- lapply(places_of_terms(scope, larger$schema$terms), function(term) {
    score_statistic(sums, sort(union(base, which(larger$schema$assign == term))))
  })
  df <- vapply(found, `[[`, 0L, "rank") - rank
  statistic <- vapply(found, `[[`, 0, "statistic") / dispersion
  table <- data.frame(Df = df, statistic, stats::pchisq(statistic, ifelse(df > 0, df, NA), lower.tail = FALSE), row.names = scope)
  names(table) <- c("Df", score_column(object), "Pr(>Chi)")
  structure(table, class = c("anova", "data.frame"),
            heading = c("Score tests of single term additions", "\nModel:", deparse(stats::formula(object))))
}

# As stats calls it.
score_column <- function(object) if (has_known_dispersion(object$family)) "Rao score" else "scaled Rao sc."
