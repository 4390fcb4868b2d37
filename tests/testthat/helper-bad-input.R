# Wrong calls, by the class of the condition that each must end in: an error unless the name says warning. Together they
# are the situations that users of glm() meet; where glm() fits on, it does so in silence or fails in other words.

bad <- data.frame(
  y = c(0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0), x = c(1, 3, 2, 5, 4, 6, 8, 7, 9, 12, 11, 10),
  z = c(2.5, 1, 3, 0.5, 2, 4, 1.5, 3.5, 6, 4.5, 5, 5.5), f = factor(rep(c("a", "b", "c"), 4)),
  count = c(3, 5, 2, 1, 0, 4, 6, 2, 7, 3, 1, 5), w = rep(c(1, 2, 3), 4), text = rep(c("u", "v"), 6), only = "same",
  empty = NA_real_, stringsAsFactors = FALSE
)
bad$infinite <- replace(bad$x, 3, Inf)
bad$gap <- replace(bad$x, 2, NA)
bad$b <- bad$x > 4
bad$complex <- complex(real = bad$x, imaginary = 1)
bad$raw <- as.raw(bad$x)
bad$list <- as.list(bad$x)
bad$date <- as.Date("2020-01-01") + bad$x
bad$time <- as.POSIXct("2020-01-01", tz = "UTC") + 3600 * bad$x
bad$days <- as.difftime(bad$x, units = "days")
x_matrix <- cbind(1, bad$x)
held_elsewhere <- bad$z

counts_fit <- glmpp(count ~ x + f, poisson, bad)
dose_fit <- glmpp(count ~ dose_given + w, poisson, transform(bad, dose_given = x))
gap_fit <- glmpp(count ~ gap, poisson, bad)
some_fit <- glmpp(count ~ x, poisson, bad, subset = x > 3)
logical_fit <- glmpp(count ~ b, poisson, bad)
offset_fit <- glmpp(count ~ x, poisson, bad, offset = held_elsewhere)
matrix_fit <- glmpp(count ~ cbind(x, z), poisson, bad)
referring_fit <- glmpp(bad$count ~ bad$x, poisson)
text_fit <- glmpp(count ~ text, poisson, bad)
elsewhere_fit <- with(list(x = bad$x), glmpp(count ~ x, poisson, bad["count"]))

bad_calls <- list(
  "infinite values" = alist(
    infinite = glmpp(y ~ infinite, binomial, bad),
    infinite = glmpp(y ~ I(-infinite), binomial, bad),
    infinite = glmpp(y ~ log(x - 1), binomial, bad),
    infinite = glmpp(replace(count, 2, Inf) ~ x, poisson, bad),
    infinite = glmpp(y ~ x, binomial, bad, weights = replace(w, 2, Inf)),
    infinite = glmpp(y ~ x, binomial, bad, offset = replace(z, 2, -Inf)),
    infinite = glmpp(count ~ x, poisson, bad, offset = log(count)),
    infinite = glmpp(y ~ x, binomial, bad, etastart = replace(z, 2, Inf)),
    infinite = glmpp(y ~ x, binomial, bad, mustart = replace(z, 2, Inf)),
    start = glmpp(y ~ x, binomial, bad, start = c(Inf, 0)),
    start = glmpp(y ~ x, binomial, bad, start = c(0, NaN))
  ),
  "missing values and rows" = alist(
    missing = glmpp(y ~ gap, binomial, bad, na.action = na.fail),
    missing = glmpp(y ~ gap, binomial, bad, na.action = na.pass),
    missing = glmpp(y ~ gap, binomial, bad, na.action = NULL),
    no_rows = glmpp(y ~ empty, binomial, bad),
    no_rows = glmpp(y ~ x, binomial, bad[0, ]),
    no_rows = glmpp(y ~ x, binomial, bad, subset = x > 100),
    no_rows = glmpp(y ~ x, binomial, bad, subset = 1e6),
    no_rows = glmpp(cbind(count, NA) ~ x, binomial, bad)
  ),
  "variables of the wrong kind" = alist(
    levels = glmpp(y ~ only, binomial, bad),
    levels = glmpp(y ~ f, binomial, transform(bad, f = replace(f, f != "a", NA))),
    variable = glmpp(y ~ complex, binomial, bad),
    variable = glmpp(y ~ raw, binomial, bad),
    variable = glmpp(y ~ array(x, c(12, 2, 2)), binomial, bad),
    contrasts = glmpp(y ~ f, binomial, bad, contrasts = "contr.sum"),
    contrasts = glmpp(y ~ f, binomial, bad, contrasts = list("contr.sum")),
    contrasts = glmpp(y ~ f, binomial, bad, contrasts = list(f = "contr.foo")),
    contrasts = glmpp(y ~ f, binomial, bad, contrasts = list(f = matrix(1, 5, 2))),
    contrasts = glmpp(y ~ f, binomial, bad, contrasts = list(f = 3)),
    contrasts = glmpp(y ~ x, binomial, bad, contrasts = list(x = "contr.sum")),
    warning_contrasts = glmpp(count ~ f, poisson, bad, contrasts = list(g = "contr.sum"))
  ),
  "formulas and data" = alist(
    formula = glmpp(),
    formula = glmpp(bad, binomial),
    formula = glmpp(3, binomial, bad),
    formula = glmpp("not a formula", binomial, bad),
    response = glmpp(~x, binomial, bad),
    warning_formula = glmpp(y ~ y + x, binomial, bad),
    frame = glmpp(y ~ coutn, binomial, bad),
    frame = glmpp(nowhere ~ x, binomial, bad),
    frame = glmpp(y ~ ., binomial),
    frame = glmpp(y ~ list, binomial, bad),
    frame = glmpp(list ~ x, gaussian, bad),
    frame = glmpp(y ~ bad$nowhere, binomial, bad),
    frame = glmpp(y ~ sum, binomial, bad),
    frame = glmpp(y ~ x + held_elsewhere[1:3], binomial, bad),
    frame = glmpp(y ~ nofunction(x), binomial, bad),
    frame = glmpp(y ~ poly(x, 20), binomial, bad),
    frame = glmpp(y ~ x, binomial, 3),
    frame = glmpp(y ~ x, binomial, as.matrix(bad[1:2])),
    frame = glmpp(y ~ x, binomial, mean),
    frame = glmpp(y ~ x, binomial, list(y = bad$y, x = bad$x[1:3])),
    frame = glmpp(y ~ x, binomial, bad, subset = nowhere > 1)
  ),
  "responses" = alist(
    response = glmpp(count ~ x, binomial, bad),
    response = glmpp(count ~ x, binomial, bad, weights = count + 1),
    response = glmpp(I(y - 0.5) ~ x, binomial, bad),
    response = glmpp(f ~ x, binomial, bad),
    response = glmpp(text ~ x, binomial, bad),
    response = glmpp(date ~ x, binomial, bad),
    response = glmpp(cbind(y, y, y) ~ x, binomial, bad),
    response = glmpp(cbind(count, -count) ~ x, binomial, bad),
    response = glmpp(cbind(text, text) ~ x, binomial, bad),
    weights = glmpp(cbind(0 * count, 0) ~ x, binomial, bad),
    response = glmpp(I(-count) ~ x, poisson, bad),
    response = glmpp(I(count - 1) ~ x, quasipoisson, bad),
    response = glmpp(count ~ x, Gamma, bad),
    response = glmpp(count ~ x, inverse.gaussian, bad),
    response = glmpp(f ~ x, poisson, bad),
    response = glmpp(text ~ x, gaussian, bad),
    response = glmpp(date ~ x, gaussian, bad),
    response = glmpp(complex ~ x, gaussian, bad),
    response = glmpp(raw ~ x, gaussian, bad),
    response = glmpp(cbind(x, z) ~ f, gaussian, bad),
    start = glmpp(I(count * 1e300) ~ x, gaussian, bad),
    warning_response = glmpp(I(y / 3) ~ x, binomial, bad),
    warning_response = glmpp(y ~ x, binomial, bad, weights = w / 3),
    warning_response = glmpp(cbind(count, 10.5) ~ x, binomial, bad),
    warning_response = glmpp(I(count + 0.5) ~ x, poisson, bad)
  ),
  "responses that never vary" = alist(
    warning_separation = glmpp(I(0 * y) ~ x, binomial, bad),
    warning_separation = glmpp(factor(only) ~ x, binomial, bad),
    warning_separation = glmpp(I(0 * y) ~ x, poisson, bad),
    warning_separation = glmpp(y ~ x, binomial, bad[1, ]),
    warning_constant = glmpp(I(0 * y) ~ x, gaussian, bad),
    warning_constant = glmpp(I(0 * y + 3) ~ x, poisson, bad),
    warning_constant = glmpp(I(0 * y + 3) ~ x, Gamma, bad)
  ),
  "weights and offsets" = alist(
    weights = glmpp(y ~ x, binomial, bad, weights = replace(w, 2, -1)),
    weights = glmpp(y ~ x, binomial, bad, weights = 0 * w),
    weights = glmpp(count ~ x, gaussian, bad, weights = 0 * w),
    weights = glmpp(y ~ x, binomial, bad, weights = text),
    weights = glmpp(y ~ x, binomial, bad, weights = f),
    weights = glmpp(y ~ x, binomial, bad, weights = w > 1),
    weights = glmpp(y ~ x, binomial, bad, weights = cbind(w, w)),
    frame = glmpp(y ~ x, binomial, bad, weights = 1:3),
    frame = glmpp(y ~ x, binomial, bad, weights = nowhere),
    frame = glmpp(y ~ x, binomial, bad, weights = list(1)),
    offset = glmpp(count ~ x, poisson, bad, offset = text),
    offset = glmpp(count ~ x, poisson, bad, offset = f),
    offset = glmpp(count ~ x, poisson, bad, offset = cbind(z, z)),
    offset = glmpp(count ~ x + offset(text), poisson, bad),
    frame = glmpp(count ~ x, poisson, bad, offset = 1:3)
  ),
  "starting values" = alist(
    start = glmpp(y ~ x, binomial, bad, start = 1:3),
    start = glmpp(y ~ x, binomial, bad, start = "a"),
    start = glmpp(y ~ x, binomial, bad, start = list(1, 2)),
    start = glmpp(y ~ x, binomial, bad, etastart = text),
    start = glmpp(count ~ x, poisson, bad, mustart = -z),
    start = glmpp(y ~ x, binomial, bad, mustart = z),
    start = glmpp(y ~ x, binomial, bad, mustart = 0 * z),
    start = glmpp(count ~ x, poisson, bad, mustart = text),
    frame = glmpp(y ~ x, binomial, bad, etastart = 1:3)
  ),
  "families and links" = alist(
    family = glmpp(y ~ x, "binomal", bad),
    family = glmpp(y ~ x, "Poisson", bad),
    family = glmpp(y ~ x, "bernoulli", bad),
    family = glmpp(y ~ x, "normal", bad),
    family = glmpp(y ~ x, "gamma", bad),
    family = glmpp(y ~ x, "binomial(logit)", bad),
    family = glmpp(y ~ x, c("binomial", "poisson"), bad),
    family = glmpp(y ~ x, 3, bad),
    family = glmpp(y ~ x, NULL, bad),
    family = glmpp(y ~ x, NA, bad),
    family = glmpp(y ~ x, mean, bad),
    family = glmpp(y ~ x, list(family = "own", link = "log"), bad),
    family = glmpp(y ~ x, nofamily, bad),
    family = glmpp(y ~ x, binomial("logitt"), bad),
    family = glmpp(count ~ x, poisson("sqr"), bad),
    family = glmpp(count ~ x, poisson(lnk = "sqrt"), bad)
  ),
  "arguments and control" = alist(
    argument = glmpp(y ~ x, binomial, bad, epsilom = 1e-3),
    argument = glmpp(y ~ x, binomial, bad, weigths = w),
    argument = glmpp(y ~ x, binomial, bad, ofset = z),
    argument = glmpp(y ~ x, binomial, bad, epsilon = -1),
    argument = glmpp(y ~ x, binomial, bad, epsilon = NA),
    argument = glmpp(y ~ x, binomial, bad, epsilon = Inf),
    argument = glmpp(y ~ x, binomial, bad, epsilon = "small"),
    argument = glmpp(y ~ x, binomial, bad, epsilon = c(1e-8, 1e-9)),
    argument = glmpp(y ~ x, binomial, bad, maxit = 0),
    argument = glmpp(y ~ x, binomial, bad, maxit = NaN),
    argument = glmpp(y ~ x, binomial, bad, maxit = 2.5),
    argument = glmpp(y ~ x, binomial, bad, halvings = 1e12),
    argument = glmpp(y ~ x, binomial, bad, trace = NA),
    argument = glmpp(y ~ x, binomial, bad, halvings = -1),
    argument = glmpp(y ~ x, binomial, bad, step_tolerance = 0),
    argument = glmpp(y ~ x, binomial, bad, rank_tolerance = 2),
    argument = glmpp(y ~ x, binomial, bad, control = 3),
    argument = glmpp(y ~ x, binomial, bad, control = list(maxitt = 3)),
    argument = glmpp(y ~ x, binomial, bad, threads = -1),
    argument = glmpp(y ~ x, binomial, bad, threads = NA),
    argument = glmpp(y ~ x, binomial, bad, threads = "two"),
    argument = glmpp(y ~ x, binomial, bad, method = "foo"),
    argument = glmpp(y ~ x, binomial, bad, solver = "foo"),
    argument = glmpp(y ~ x, binomial, bad, penalty = 3),
    argument = glmpp(y ~ x, binomial, bad, penalty = ridge(-1)),
    argument = glmpp(y ~ x, binomial, bad, method = lm.fit),
    argument = glmpp(y ~ x, binomial, bad, model = NA),
    argument = glmpp(y ~ x, binomial, bad, x = NA),
    argument = glmpp(y ~ x, binomial, bad, y = "no"),
    argument = glmpp(y ~ x, binomial, bad, singular.ok = NA),
    argument = glmpp(y ~ gap, binomial, bad, na.action = "na.foo"),
    argument = glmpp(y ~ gap, binomial, bad, na.action = 3),
    singular = glmpp(count ~ x + I(2 * x), poisson, bad, singular.ok = FALSE),
    warning_argument = glmpp(count ~ x, poisson, bad, control = list(maxit = 30), epsilon = 1e-9)
  ),
  "what other packages and programs write" = alist(
    family = glmpp(count ~ x, "negative.binomial", bad),
    family = glmpp(count ~ x, "nb", bad),
    family = glmpp(count ~ x, function(theta) stop("'theta' must be specified"), bad),
    family = glmpp(count ~ x, counts_fit, bad),
    argument = glmpp(y ~ x, binomial, bad, penalty = "lasso"),
    argument = glmpp(y ~ x, binomial, bad, penalty = "ridge"),
    argument = glmpp(y ~ x, binomial, bad, penalty = structure(1, class = "coxph.penalty")),
    argument = glmpp(y ~ x, binomial, bad, keep = counts_fit),
    argument = glmpp(y ~ x, binomial, bad, threads = bad$x + 1e-7),
    argument = confint(counts_fit, level = counts_fit),
    frame = glmpp(y ~ s(x), binomial, bad),
    frame = glmpp(y ~ te(x, z), binomial, bad),
    frame = glmpp(y ~ cluster(f), binomial, bad),
    frame = glmpp(y ~ bs(x, 4), binomial, bad),
    frame = glmpp(y ~ x, binomial, "rows.parquet"),
    frame = glmpp(y ~ x, binomial, c("a.csv", "b.csv")),
    frame = glmpp(y ~ x, binomial, "bad"),
    warning_convergence = glmpp(count ~ x, poisson, bad, solver = gradient_descent(learning_rate = 10))
  ),
  "scales and convergence" = alist(
    warning_convergence = glmpp(count ~ I(x * 1e306), poisson, bad),
    warning_convergence = glmpp(count ~ I(x * 2^-1030), poisson, bad),
    warning_convergence = glmpp(count ~ date + I(x * 2^1017), poisson, bad),
    warning_convergence = glmpp(count ~ x, poisson, bad, maxit = 1)
  ),
  "glmpp_fit() and its matrices" = alist(
    missing = glmpp_fit(replace(x_matrix, 14, NA), bad$count, family = poisson()),
    infinite = glmpp_fit(replace(x_matrix, 14, Inf), bad$count, family = poisson()),
    design = glmpp_fit(cbind("a", bad$x), bad$count, family = poisson()),
    design = glmpp_fit(data.frame(1, bad$f), bad$count, family = poisson()),
    design = glmpp_fit(x_matrix + 1i, bad$count, family = poisson()),
    design = glmpp_fit(list(1, 2), bad$count[1:2], family = poisson()),
    design = glmpp_fit(NULL, bad$count, family = poisson()),
    design = glmpp_fit(x_matrix, bad$count[1:3], family = poisson()),
    no_rows = glmpp_fit(x_matrix[0, ], numeric(), family = poisson()),
    no_rows = glmpp_fit(x_matrix, NULL, family = poisson()),
    response = glmpp_fit(x_matrix, replace(bad$count, 2, NA), family = poisson()),
    response = glmpp_fit(x_matrix, as.list(bad$count), family = poisson()),
    weights = glmpp_fit(x_matrix, bad$count, weights = 1:3, family = poisson()),
    weights = glmpp_fit(x_matrix, bad$count, weights = replace(bad$w, 2, NaN), family = poisson()),
    offset = glmpp_fit(x_matrix, bad$count, offset = replace(bad$w, 2, NA), family = poisson()),
    offset = glmpp_fit(x_matrix, bad$count, offset = 1:3, family = poisson()),
    start = glmpp_fit(x_matrix, bad$count, start = 1, family = poisson()),
    start = glmpp_fit(x_matrix, bad$count, etastart = replace(bad$z, 2, NA), family = poisson()),
    start = glmpp_fit(x_matrix, bad$count, mustart = 1:3, family = poisson()),
    argument = glmpp_fit(x_matrix, bad$count, family = poisson(), control = list(foo = 1)),
    argument = glmpp_fit(x_matrix, bad$count, family = poisson(), intercept = NA)
  ),
  "predict()" = alist(
    frame = predict(dose_fit, data.frame(z = 1:3)),
    frame = predict(dose_fit, list(dose_given = 1:3, w = 1:2)),
    newdata = predict(counts_fit, 3),
    newdata = predict(counts_fit, cbind(x = 1:3, f = 1)),
    newdata = predict(counts_fit, data.frame(x = c("1", "2"), f = "a")),
    newdata = predict(counts_fit, data.frame(x = 1, f = 3)),
    newdata = predict(counts_fit, data.frame(x = as.Date("2020-01-01"), f = "a")),
    newdata = predict(counts_fit, data.frame(x = 1i, f = "a")),
    newdata = predict(matrix_fit, data.frame(x = c("a", "b"), z = 1)),
    newdata = predict(logical_fit, data.frame(b = 1:2)),
    newdata = predict(referring_fit, data.frame(x = 1:3)),
    newdata = predict(elsewhere_fit, data.frame(z = 1:3)),
    newdata = predict(offset_fit, data.frame(x = 1:2)),
    levels = predict(counts_fit, data.frame(x = 1:4, f = c("a", "q", "b", "r"))),
    levels = predict(text_fit, data.frame(text = c("u", "new"))),
    levels = predict(logical_fit, data.frame(b = factor(c("TRUE", "no")))),
    argument = predict(counts_fit, type = "foo"),
    argument = predict(counts_fit, type = 3),
    argument = predict(counts_fit, se.fit = NA),
    argument = predict(counts_fit, se.fit = TRUE, dispersion = -1),
    argument = predict(counts_fit, type = "terms", terms = "nope"),
    argument = predict(counts_fit, bad, new_levels = "drop"),
    argument = predict(counts_fit, bad, na.action = "foo")
  ),
  "residuals(), confint(), anova(), summary() and others" = alist(
    argument = residuals(counts_fit, "foo"),
    argument = residuals(counts_fit, type = NA),
    argument = confint(counts_fit, "nope"),
    argument = confint(counts_fit, 99),
    argument = confint(counts_fit, level = 2),
    argument = confint(counts_fit, level = NA),
    argument = confint(counts_fit, method = "exact"),
    argument = confint(glmpp(y ~ x, binomial, bad, penalty = ridge(1)), method = "profile"),
    argument = anova(counts_fit, test = "foo"),
    argument = anova(counts_fit, dispersion = "a"),
    rows = anova(gap_fit, counts_fit),
    rows = anova(some_fit, counts_fit, test = "Chisq"),
    argument = summary(counts_fit, dispersion = "a"),
    argument = summary(counts_fit, correlation = NA),
    argument = as.glm(3),
    argument = side_by_side(lm(x ~ z, bad)),
    frame = update(counts_fit, . ~ . + nowhere)
  )
)

# Unusual, but right: each must be answered as glm() answers it, without a word of ours.
odd_calls <- alist(
  glmpp(y ~ gap, binomial, bad),
  glmpp(replace(count, 2, NaN) ~ x, poisson, bad),
  glmpp(count ~ x, poisson, bad, weights = replace(w, 2, NA)),
  glmpp(count ~ x, poisson, bad, weights = replace(w, 2, 0)),
  glmpp(count ~ x, poisson, bad, weights = w * 1e12),
  glmpp(count ~ x, gaussian, bad, weights = w * 1e-12),
  glmpp(count ~ x, poisson, bad, weights = c(1, rep(0, 11))),
  glmpp(count ~ x, poisson, bad, offset = replace(z, 2, NA)),
  glmpp(count ~ x, poisson, bad[1, ]),
  glmpp(count ~ x + z, gaussian, bad[1:3, ]),
  glmpp(count ~ x + z, poisson, bad[1:3, ]),
  glmpp(count ~ x + z, gaussian, bad[1:2, ]),
  glmpp(count ~ I(x * 1e-12) + I(z * 1e12), poisson, bad),
  glmpp(count ~ I(x * 1e-200), poisson, bad),
  glmpp(count ~ I(x * 1e200), poisson, bad),
  glmpp(I(count * 1e15) ~ x, poisson, bad),
  glmpp(I(count * 1e-150) ~ x, gaussian, bad),
  glmpp(count ~ I(date - as.Date("2020-01-01")), poisson, bad),
  glmpp(count ~ time, poisson, bad),
  glmpp(count ~ days, poisson, bad),
  glmpp(count ~ I(x > 100), poisson, bad),
  glmpp(count ~ I(0 * x), poisson, bad),
  glmpp(count ~ x + I(2 * x), poisson, bad),
  glmpp(count ~ 0, poisson, bad),
  glmpp(count ~ NULL, poisson, bad),
  glmpp("count ~ x", poisson, bad),
  glmpp(count ~ x, "poisson", bad),
  glmpp(count ~ x, poisson, as.list(bad)),
  glmpp(count ~ x, poisson, bad, subset = c(1:5, 1000)),
  glmpp(count ~ f, poisson, bad, subset = f != "c")
)
