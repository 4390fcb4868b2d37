#' Relativities: each level of each factor against its base
#'
#' For every factor of the formula, one row per level: the ratio that the fit gives it against the base level, other terms equal, beside
#' its rows, its exposure and what was observed. Ratios are of means under the log link, of odds under the logit, of risks under the log
#' link of a binomial response, of hazards under the complementary log-log.
#'
#' A relativity is the exponential of what the coding of the factor makes of its coefficients, level less base, so that it is one whatever
#' the contrasts. Numbers and interactions are no relativities of one factor: they are left out and named in the notes; those of a factor
#' that is in an interaction too hold where the others are at their base.
#'
#' @inheritSection lift_bins Exposure
#' @inheritParams lift_bins
#' @param fit A fit by [glmpp()] or [stats::glm()] with the link log, logit or cloglog.
#' @param newdata The rows to count and to observe; by default those of the fit. Without rows (a fit from afar, `keep = "summary"`) they
#'   are NA.
#' @param level Level of the intervals (Wald's).
#' @param vcov The covariance of the coefficients, as in [coefficient_intervals()].
#' @param base NULL for the base level of the coding (the first where it has none), `"largest"` for the level with the most exposure, or
#'   levels by the names of their terms: `c(region = "B")`.
#' @returns A [glmpp_chart] of class `glmpp_relativities`: `data` with one row per level (`term`, `level`, `is_base`, `rows`, `exposure`;
#'   `response`, the sum over the rows, each times its weight: claims, events; `observed`, the relativity of the observed means alone;
#'   `relativity`, `lower`, `upper`). The base has relativity 1 and no interval. Aliased levels are NA; those that separation sends off have relativity 0 or
#'   `Inf` and no interval. Levels without rows have `rows` 0.
#' @section Conditions:
#' An error of class `glmpp_error_link` for other links, `glmpp_error_categories` for fits of several categories, `glmpp_error_argument`
#' for arguments of the wrong type, a formula without factors, or a base that there is not, and `glmpp_error_newdata`
#' if `newdata` lacks the response or the exposure.
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, quasipoisson, warpbreaks)
#' relativities(fit)
#' plot(relativities(fit, base = c(tension = "M")))
#' @export
relativities <- function(fit, newdata = NULL, exposure = NULL, level = 0.95, vcov = NULL, base = NULL) {
  check_share(level, "level")
  check_has_ratios(fit)
  terms <- factor_terms(fit)
  if (!length(terms)) stop_glmpp("argument", "There is no factor in the formula.", i = "coefficient_intervals(exponentiate = TRUE) shows the others.")
  counted <- counted_rows(fit, newdata, exposure, terms)
  covariance <- relativity_covariance(fit, vcov)
  bases <- chosen_bases(terms, counted$tables, base)
  data <- do.call(rbind, Map(function(term, table, base) {
    cbind(data.frame(term = term$name, level = term$levels, is_base = seq_along(term$levels) == base), table,
          observed = observed_relativities(fit, table, base), estimated_relativities(fit, term, base, covariance$matrix, level))
  }, terms, counted$tables, bases))
  row.names(data) <- NULL
  ratio <- ratio_of_link(fit$family)
  new_chart("relativities", data,
            sprintf("Relativities (%s), %s Wald intervals%s", ratio, percent(level), if (is.null(vcov)) "" else sprintf(" (%s)", covariance$label)),
            notes = c(left_out_terms(fit, terms), endless_notes(data), counted$notes), label = paste0(title_case(ratio), " to the base level, log scale"), null = 1,
            unit = counted$exposure %||% "weight")
}

check_has_ratios <- function(fit) {
  if (inherits(fit, "glmpp_categories")) {
    stop_glmpp("categories", "relativities() takes fits with one mean a row, not several categories.",
               i = "coefficient_intervals(exponentiate = TRUE) shows the ratios of each class.")
  }
  check_judged(fit, "`fit`")
  if (!is.null(ratio_of_link(fit$family))) return(invisible())
  stop_glmpp("link", sprintf("Relativities need the link log, logit or cloglog, not %s.", fit$family$link),
             x = "Under other links levels add to the mean rather than multiply it, and exp(coefficient) is no ratio of anything.",
             i = sprintf("Fit with a log link, such as `%s`, or show differences by coefficient_intervals().", log_link_of(fit$family)))
}

log_link_of <- function(family) {
  name <- family$family
  if (name %in% families_of_stats) sprintf("%s(\"log\")", name) else "quasipoisson()"
}

# ---- The factors of a formula and their coding ----

# Terms that are one factor, with the matrix that makes the contributions of its levels out of the coefficients.
factor_terms <- function(fit) {
  terms <- terms(fit)
  factors <- attr(terms, "factors")
  if (!length(factors)) return(list())
  levels <- factor_levels(fit, terms)
  coefficients <- names(coef(fit))
  is_main <- attr(terms, "order") == 1
  of_term <- lapply(colnames(factors)[is_main], function(label) {
    variable <- rownames(factors)[factors[, label] > 0]
    if (!length(levels[[variable]])) return(NULL)
    coding <- factor_coding(variable, levels[[variable]], fit$contrasts[[variable]], coefficients)
    if (is.null(coding)) return(NULL)
    list(name = variable, levels = levels[[variable]], coding = coding)
  })
  of_term <- Filter(Negate(is.null), of_term)
  named(of_term, vapply(of_term, `[[`, "", "name"))
}

factor_levels <- function(fit, terms) {
  levels <- fit$xlevels
  classes <- attr(terms, "dataClasses")
  logical <- names(classes)[classes == "logical"]
  levels[logical] <- rep(list(c("FALSE", "TRUE")), length(logical))
  levels
}

# Rows: levels; columns: coefficients. NULL where the coefficients are not those of this coding.
factor_coding <- function(variable, levels, contrast, coefficients) {
  full <- paste0(variable, levels)
  if (all(full %in% coefficients)) return(structure(diag(length(levels)), dimnames = list(levels, full)))
  coding <- contrast_matrix(levels, contrast)
  columns <- paste0(variable, colnames(coding) %||% seq_len(ncol(coding)))
  if (all(columns %in% coefficients)) structure(coding, dimnames = list(levels, columns))
}

contrast_matrix <- function(levels, contrast) {
  if (is.matrix(contrast)) return(contrast)
  if (is.null(contrast)) contrast <- "contr.treatment"
  (if (is.function(contrast)) contrast else match.fun(contrast))(levels)
}

# Terms that have no relativities, in words.
left_out_terms <- function(fit, terms) {
  labels <- attr(terms(fit), "term.labels")
  order <- attr(terms(fit), "order")
  numbers <- setdiff(labels[order == 1], names(terms))
  interactions <- labels[order > 1]
  c(if (length(numbers)) sprintf("not shown, since they are no factors: %s", comma(numbers)),
    if (length(interactions)) sprintf("interactions are not shown: %s; relativities hold where the other variables are 0 or at their base", comma(interactions)))
}

# ---- Rows, exposure and responses by level ----

counted_rows <- function(fit, newdata, exposure, terms) {
  if (is.null(newdata) && (inherits(fit, "glmpp_remote") || (inherits(fit, "glmpp") && (is_left_out(fit, "fitted.values") || is_left_out(fit, "model"))))) {
    nothing <- lapply(terms, function(term) {
      data.frame(rows = rep(NA_integer_, length(term$levels)), exposure = NA_real_, response = NA_real_)
    })
    return(list(tables = nothing, notes = "the fit holds no rows to count: `newdata` gives some"))
  }
  judged <- judged_rows(fit, newdata, exposure)
  frame <- if (is.null(newdata)) model.frame(fit)
  tables <- lapply(terms, function(term) {
    values <- if (is.null(newdata)) frame[[term$name]] else eval(str2lang(term$name), newdata, environment(terms(fit)))
    level <- factor(as.character(values)[judged$kept], term$levels)
    sums <- function(values) as.vector(tapply(values, level, sum, default = 0))
    data.frame(rows = as.vector(table(level)), exposure = sums(judged$data$weight),
               response = sums(judged$data$weight * judged$data$observed))
  })
  list(tables = tables, notes = judged$notes, exposure = judged$exposure)
}

# On the scale of the link, so that it is of odds where the relativities are.
observed_relativities <- function(fit, table, base) {
  at_link <- suppressWarnings(fit$family$linkfun(table$response / table$exposure))
  relativity <- exp(at_link - at_link[base])
  ifelse(is.finite(relativity), relativity, NA)
}

# ---- Bases, and relativities to them ----

chosen_bases <- function(terms, tables, base) {
  check_base(base, terms)
  Map(function(term, table) {
    if (identical(base, "largest")) return(which.max(table$exposure))
    if (term$name %in% names(base)) return(match(base[[term$name]], term$levels))
    zero <- which(rowSums(term$coding != 0) == 0)
    if (length(zero)) zero[1] else 1L
  }, terms, tables)
}

check_base <- function(base, terms) {
  if (is.null(base) || identical(base, "largest")) return(invisible())
  if (is.null(names(base)) || !all(lengths(base) == 1)) {
    stop_glmpp("argument", "`base` must be \"largest\" or name a level for each of some terms, as in `c(region = \"B\")`.",
               x = sprintf("It is %s.", value_text(base)))
  }
  for (name in names(base)) {
    if (!name %in% names(terms)) stop_glmpp("argument", sprintf("`base` names %s, which is no factor of the formula.", dQuote(name, FALSE)),
                                            i = sprintf("They are %s.", comma(names(terms))))
    known <- terms[[name]]$levels
    if (!base[[name]] %in% known) stop_glmpp("argument", sprintf("`base` of %s must be one of its levels.", name),
                                             x = sprintf("%s is none.", dQuote(base[[name]], FALSE)), i = sprintf("They are %s.", comma(known)))
  }
}

relativity_covariance <- function(fit, vcov) {
  refuse_named_covariance(fit, vcov)
  covariance_to_test(fit, vcov)
}

estimated_relativities <- function(fit, term, base, covariance, level) {
  less_base <- sweep(term$coding, 2, term$coding[base, ])
  beta <- coef(fit)[colnames(term$coding)]
  aliased <- is.na(beta)
  is_open <- rowSums(less_base[, aliased, drop = FALSE] != 0) > 0
  less_base <- less_base[, !aliased, drop = FALSE]
  known <- colnames(less_base)
  # Not by a product: an estimate may have run to infinity, and 0 times that is no number.
  along <- rowSums(ifelse(less_base == 0, 0, less_base * rep(beta[known], each = nrow(less_base))))
  error <- sqrt(pmax(rowSums((less_base %*% covariance[known, known, drop = FALSE]) * less_base), 0))
  half <- replace(qnorm((1 + level) / 2) * error, base, NA)
  ratios <- exp(data.frame(relativity = along, lower = along - half, upper = along + half, row.names = NULL))
  ratios[is_open, ] <- NA
  towards <- endless_levels(fit, less_base)
  ratios$relativity[towards != 0] <- ifelse(towards[towards != 0] > 0, Inf, 0)
  ratios[towards != 0, c("lower", "upper")] <- NA
  ratios
}

# Whether a level runs up or down from the base without end: along the direction that separates the outcomes.
endless_levels <- function(fit, less_base) {
  direction <- if (inherits(fit, "glmpp")) fit$separation$direction
  if (is.null(direction)) return(numeric(nrow(less_base)))
  named_direction <- named(unname(direction), names(coef(fit)))
  as.vector(sign(less_base %*% named_direction[colnames(less_base)]))
}

endless_notes <- function(data) {
  endless <- !is.na(data$relativity) & (data$relativity == 0 | is.infinite(data$relativity))
  if (any(endless)) sprintf("without a finite relativity, and not drawn, since their outcomes are all alike: %s", comma(paste(data$term, data$level)[endless]))
}

# ---- Drawing ----

relativity_rows <- function(chart) {
  data <- chart$data
  label <- ifelse(data$is_base, paste(data$level, "(base)"), data$level)
  data$relativity[!is.na(data$relativity) & (data$relativity == 0 | is.infinite(data$relativity))] <- NA
  rows <- data.frame(label = label, group = data$term, data[c("lower", "upper")], estimate = data$relativity, open = data$is_base)
  if (!all(is.na(data$exposure))) {
    rows$bar <- data$exposure / stats::ave(data$exposure, data$term, FUN = max)
    rows$observed <- ifelse(data$is_base, NA, data$observed)
  }
  rows
}

relativity_caption <- function(chart) {
  if (all(is.na(chart$data$exposure))) "Open: base level"
  else sprintf("Open: base level; diamonds: observed alone; bars: %s within the factor", chart$unit)
}

#' @rdname relativities
#' @param x A chart by `relativities()`.
#' @param columns For `plot()` and `autoplot()`: the number of columns side by side that a long list is folded into; NULL: by the height of
#'   the figure (of a ggplot, one per 32 lines).
#' @param ... Arguments to [graphics::plot.default()].
#' @export
plot.glmpp_relativities <- function(x, columns = NULL, ...) {
  draw_forest(x, relativity_rows(x), TRUE, ..., columns = columns, caption = relativity_caption(x))
}

#' @exportS3Method ggplot2::autoplot
autoplot.glmpp_relativities <- function(object, columns = NULL, ...) {
  ggplot_forest(object, relativity_rows(object), TRUE, columns, relativity_caption(object))
}
