# What is asked of a fit, `fit`, by package: each call is tried on a fit of ours and on the fit that it stands for. A name says what a call
# is called in `expected`; `smaller` is the fit without its last term, `new` a few rows of its data.

calls_of_any <- list(
  stats = expression(
    coef(fit), vcov(fit), summary(fit)$coefficients, summary(fit)$dispersion, summary(fit)$cov.unscaled, confint(fit),
    confint.default(fit), anova(fit, test = "Chisq"), anova(smaller, fit, test = "Chisq"), deviance(fit), df.residual(fit), logLik(fit),
    AIC(fit), BIC(fit), AIC(smaller, fit), extractAIC(fit), nobs(fit), formula(fit), terms(fit), family(fit)$link, model.frame(fit),
    model.matrix(fit), weights(fit), weights(fit, "working"), offset = fit$offset, residuals(fit), residuals(fit, "pearson"),
    residuals(fit, "working"), residuals(fit, "response"), residuals(fit, "partial"), fitted(fit), predict(fit), predict(fit, new),
    predict(fit, new, type = "response", se.fit = TRUE), predict(fit, new, type = "terms"), hatvalues(fit), cooks.distance(fit),
    rstandard(fit), rstudent(fit), dffits(fit), dfbeta(fit), dfbetas(fit), covratio(fit), influence(fit)$hat, lm.influence(fit)$sigma,
    influence.measures(fit)$infmat, effects = abs(as.vector(effects(fit)))[seq_len(fit$rank)], proj = proj(fit), alias(fit)$Complete,
    dummy.coef(fit), drop1(fit, test = "Chisq"), add1(smaller, formula(fit), test = "Chisq"), step = coef(step(fit, trace = 0)),
    step_bic = coef(step(smaller, list(upper = formula(fit)), trace = 0, k = 4)), simulate(fit, 2, seed = 1),
    update = coef(update(fit, . ~ . - 1)), update_data = coef(update(fit, data = model.frame(fit)[c(TRUE, FALSE), ])),
    profile = profile(fit)[[2]], case.names(fit), variable.names(fit), labels(fit), qr.R = abs(qr.R(qr(fit))), sigma(fit),
    plot = plot(fit, which = 1:6), termplot = termplot(fit, plot = FALSE), str = length(utils::capture.output(utils::str(fit))) > 0,
    lapply = length(lapply(fit, class)) > 0, as.list = length(as.list(fit)) > 0, print = utils::capture.output(print(fit)),
    summary_print = utils::capture.output(print(summary(fit)))
  ),
  MASS = expression(
    MASS::stepAIC(fit, trace = 0)$anova, MASS::dropterm(fit, test = "Chisq"), MASS::addterm(smaller, formula(fit), test = "Chisq"),
    MASS::stdres(fit), MASS::studres(fit)
  ),
  boot = expression(boot::glm.diag(fit), boot::cv.glm(model.frame(fit), fit, K = 3)$K, boot::glm.diag.plots(fit)),
  broom = expression(
    broom::tidy(fit), broom::tidy(fit, conf.int = TRUE, exponentiate = TRUE), broom::glance(fit), broom::augment(fit),
    broom::augment(fit, newdata = new, type.predict = "response")
  ),
  broom.mixed = expression(broom.mixed::tidy(fit)),
  broom.helpers = expression(
    broom.helpers::tidy_plus_plus(fit), broom.helpers::model_get_coefficients_type(fit), broom.helpers::model_get_n(fit)
  ),
  car = expression(
    car::Anova(fit), car::Anova(fit, type = 3, test.statistic = "Wald"), car::vif(fit), car::linearHypothesis(fit, names(coef(fit))[2:3]),
    car::deltaMethod(fit, "b1 / b2", parameterNames = paste0("b", seq_along(coef(fit)) - 1)), car::outlierTest(fit),
    car::influencePlot(fit), car::influenceIndexPlot(fit), car::residualPlots(fit), car::marginalModelPlots(fit), car::avPlots(fit),
    car::crPlots(fit), car::Confint(fit), S = utils::capture.output(print(car::S(fit))), car::compareCoefs(fit, smaller, print = FALSE),
    car::dfbetaPlots(fit), car::Boot(fit, R = 5, method = "case")$t
  ),
  sandwich = expression(
    sandwich::sandwich(fit), sandwich::vcovHC(fit), sandwich::vcovHC(fit, type = "HC1"), sandwich::vcovHC(fit, type = "HC4"),
    sandwich::vcovCL(fit, cluster = rep_len(1:20, nobs(fit))), sandwich::vcovOPG(fit), sandwich::vcovHAC(fit),
    sandwich::NeweyWest(fit, lag = 2, prewhite = FALSE), sandwich::vcovBS(fit, R = 5), sandwich::estfun(fit), sandwich::bread(fit),
    sandwich::meat(fit)
  ),
  clubSandwich = expression(
    clubSandwich::vcovCR(fit, rep_len(1:20, nobs(fit)), "CR2"), clubSandwich::coef_test(fit, "CR1", cluster = rep_len(1:20, nobs(fit)))
  ),
  lmtest = expression(
    lmtest::coeftest(fit), lmtest::coeftest(fit, vcov. = sandwich::vcovHC), lmtest::coefci(fit), lmtest::lrtest(smaller, fit),
    lmtest::lrtest(fit), lmtest::waldtest(smaller, fit, test = "Chisq"), lmtest::waldtest(fit)
  ),
  emmeans = expression(
    as.data.frame(emmeans::emmeans(fit, factors)), as.data.frame(emmeans::emmeans(fit, factors, type = "response")),
    as.data.frame(pairs(emmeans::emmeans(fit, factors))),
    as.data.frame(emmeans::emmeans(fit, factors, submodel = stats::reformulate(factors))), emmeans::ref_grid(fit)@bhat,
    emmeans::joint_tests(fit), emmeans::emmip(fit, stats::reformulate(factors), plotit = FALSE)
  ),
  multcomp = expression(
    summary(multcomp::glht(fit))$test[c("coefficients", "sigma", "tstat")], stats::confint(multcomp::glht(fit))$confint[, 1],
    multcomp::glht(fit, do.call(multcomp::mcp, stats::setNames(list("Tukey"), factors)))$linfct
  ),
  effects = expression(
    as.data.frame(effects::allEffects(fit)), as.data.frame(effects::Effect(factors, fit)), as.data.frame(effects::predictorEffects(fit))
  ),
  ggeffects = expression(
    as.data.frame(ggeffects::ggpredict(fit, factors)), as.data.frame(ggeffects::ggemmeans(fit, factors)),
    as.data.frame(ggeffects::ggeffect(fit, factors))
  ),
  marginaleffects = expression(
    marginaleffects::avg_slopes(fit), marginaleffects::predictions(fit), marginaleffects::avg_predictions(fit, by = factors),
    marginaleffects::avg_comparisons(fit), marginaleffects::hypotheses(fit), marginaleffects::avg_slopes(fit, vcov = "HC1"),
    marginaleffects::slopes(fit, newdata = new)
  ),
  margins = expression(summary(margins::margins(fit))),
  prediction = expression(summary(prediction::prediction(fit))),
  insight = expression(
    insight::model_info(fit)[c("is_binomial", "is_count", "is_linear", "is_logit", "is_multinomial", "is_ordinal", "link_function")],
    insight::find_formula(fit), insight::find_parameters(fit), insight::find_predictors(fit), insight::find_response(fit),
    insight::find_statistic(fit), insight::find_variables(fit), insight::find_algorithm(fit), insight::find_terms(fit),
    insight::find_weights(fit), insight::get_parameters(fit), insight::get_statistic(fit), insight::get_df(fit),
    insight::get_df(fit, type = "wald"), insight::get_varcov(fit), insight::get_data(fit), insight::get_response(fit),
    insight::get_predictors(fit), insight::get_predicted(fit), as.data.frame(insight::get_predicted(fit, ci = 0.95)),
    insight::get_predicted(fit, new, predict = "expectation"), insight::get_loglikelihood(fit), insight::get_residuals(fit),
    insight::get_deviance(fit), insight::get_sigma(fit), insight::get_intercept(fit), insight::get_modelmatrix(fit),
    insight::link_function(fit)(0.3), insight::link_inverse(fit)(0.3), insight::n_obs(fit), insight::n_parameters(fit),
    insight::is_model_supported(fit), insight::is_model(fit), insight::null_model(fit)$deviance, insight::get_call(fit)$family
  ),
  parameters = expression(
    parameters::model_parameters(fit), parameters::model_parameters(fit, exponentiate = TRUE, ci_method = "wald"),
    parameters::model_parameters(fit, vcov = "HC1"), parameters::standard_error(fit), parameters::p_value(fit), parameters::ci(fit),
    parameters::degrees_of_freedom(fit), parameters::standardize_parameters(fit), parameters::compare_parameters(fit, smaller),
    parameters::select_parameters(fit)$deviance, parameters::simulate_parameters(fit, iterations = 20),
    parameters::bootstrap_parameters(fit, iterations = 5)
  ),
  performance = expression(
    performance::r2(fit), performance::model_performance(fit), performance::compare_performance(fit, smaller),
    performance::check_collinearity(fit), performance::check_outliers(fit), performance::check_overdispersion(fit),
    performance::check_heteroscedasticity(fit), performance::test_performance(smaller, fit), performance::test_lrt(smaller, fit),
    performance::binned_residuals(fit), performance::performance_score(fit), performance::check_residuals(fit),
    performance::check_model(fit, verbose = FALSE), performance::performance_aicc(fit)
  ),
  effectsize = expression(effectsize::effectsize(fit), effectsize::standardize(fit)$coefficients),
  modelbased = expression(
    modelbased::estimate_means(fit, factors), modelbased::estimate_contrasts(fit, factors), modelbased::estimate_expectation(fit, new),
    modelbased::estimate_slopes(fit, numbers)
  ),
  report = expression(report::report_table(fit), utils::capture.output(print(report::report(fit)))),
  modelsummary = expression(
    modelsummary::modelsummary(fit, output = "data.frame"),
    modelsummary::modelsummary(list(fit, smaller), output = "data.frame", vcov = "HC1"),
    modelsummary::modelsummary(fit, output = "data.frame", statistic = "conf.int", exponentiate = TRUE), modelsummary::get_gof(fit),
    modelsummary::get_estimates(fit), modelsummary::modelplot(fit, draw = FALSE)
  ),
  gtsummary = expression(gtsummary::tbl_regression(fit, exponentiate = TRUE)$table_body[c("label", "estimate", "p.value")]),
  texreg = expression(
    utils::capture.output(texreg::screenreg(fit)), utils::capture.output(texreg::texreg(list(fit, smaller))), texreg::extract(fit)@gof
  ),
  stargazer = expression(
    utils::capture.output(stargazer::stargazer(fit, type = "text")),
    utils::capture.output(stargazer::stargazer(fit, smaller, type = "text"))
  ),
  huxtable = expression(as.data.frame(huxtable::huxreg(fit))),
  sjPlot = expression(
    sjPlot::plot_model(fit)$data, sjPlot::plot_model(fit, type = "pred", terms = factors)$data, sjPlot::get_model_data(fit, type = "est"),
    sjPlot::tab_model(fit)$page.content
  ),
  jtools = expression(
    jtools::summ(fit)$coeftable, jtools::summ(fit, robust = "HC1")$coeftable, jtools::plot_summs(fit)$data[c("term", "estimate")],
    eval(bquote(jtools::effect_plot(fit, .(as.name(numbers)), data = model.frame(fit))))$data
  ),
  interactions = expression(
    eval(bquote(interactions::interact_plot(fit, .(as.name(numbers)), .(as.name(factors)), data = model.frame(fit))))$data
  ),
  visreg = expression(visreg::visreg(fit, plot = FALSE)[[1]]$fit, visreg::visreg(fit, numbers, scale = "response", plot = FALSE)$fit),
  arm = expression(
    utils::capture.output(arm::display(fit)), arm::sim(fit, 3)@coef, arm::se.coef(fit), arm::standardize(fit)$coefficients,
    arm::coefplot(fit)
  ),
  rms = expression(rms::vif(fit)),
  MuMIn = expression(
    MuMIn::dredge(update(fit, na.action = na.fail)), MuMIn::AICc(fit), MuMIn::r.squaredLR(fit), MuMIn::std.coef(fit, FALSE),
    MuMIn::sw(MuMIn::model.avg(list(fit, smaller))), MuMIn::model.sel(fit, smaller)
  ),
  DHARMa = expression(
    DHARMa::simulateResiduals(fit, n = 20, seed = 1)$scaledResiduals, DHARMa::testDispersion(fit, plot = FALSE)$statistic,
    DHARMa::getObservedResponse(fit), DHARMa::getFitted(fit)
  ),
  tidypredict = expression(
    tidypredict::tidypredict_fit(fit), tidypredict::parse_model(fit)$general[c("model", "link", "family")],
    tidypredict::tidypredict_to_column(new, fit)$fit, sql = as.character(tidypredict::tidypredict_sql(fit, dbplyr::simulate_sqlite()))
  ),
  pmml = expression(pmml::pmml(fit)[["GeneralRegressionModel"]][["ParamMatrix"]]),
  dominanceanalysis = expression(dominanceanalysis::dominanceAnalysis(fit)$fit.functions),
  statmod = expression(statmod::glm.scoretest(fit, seq_len(nobs(fit)) %% 7), statmod::qresiduals(fit)),
  survey = expression(survey::regTermTest(fit, factors), survey::regTermTest(fit, factors, method = "Wald")$Ftest),
  mice = expression(
    summary(mice::pool(mice::as.mira(list(fit, fit, fit)))),
    mice::D1(mice::as.mira(list(fit, fit)), mice::as.mira(list(smaller, smaller)))$result
  ),
  mitools = expression(
    mitools::MIcombine(list(coef(fit), coef(fit)), list(vcov(fit), vcov(fit)))$coefficients,
    mitools::MIextract(list(fit, fit), fun = vcov)
  ),
  ggplot2 = expression(suppressWarnings(ggplot2::fortify(fit)[c(".hat", ".cooksd", ".fitted", ".resid", ".stdresid")])),
  caret = expression(caret::varImp(fit)),
  pscl = expression(utils::capture.output(pscl::pR2(fit))),
  flextable = expression(flextable::as_flextable(fit)$body$dataset),
  butcher = expression(predict(butcher::butcher(fit), new)),
  purrr = expression(length(purrr::map(fit, class)) > 0, purrr::pluck(fit, "aic")),
  data.table = expression(data.table::data.table(fit = list(fit))$fit[[1]]$deviance),
  tibble = expression(tibble::tibble(fit = list(fit))$fit[[1]]$deviance),
  estimability = expression(estimability::nonest.basis(fit), estimability::epredict(fit, new))
)

calls_of_binomial <- list(
  pROC = expression(pROC::auc(pROC::roc(fit$y, fitted(fit), quiet = TRUE))),
  ResourceSelection = expression(ResourceSelection::hoslem.test(fit$y, fitted(fit))$p.value),
  MASS = expression(MASS::dose.p(fit, cf = 1:2)),
  performance = expression(
    performance::performance_hosmer(fit), performance::performance_accuracy(fit)$Accuracy, performance::performance_roc(fit),
    performance::performance_pcp(fit)
  ),
  car = expression(car::mmps(fit)),
  arm = expression(arm::binnedplot(fitted(fit), residuals(fit, "response")))
)

calls_of_counts <- list(
  AER = expression(AER::dispersiontest(fit)$statistic),
  performance = expression(performance::check_zeroinflation(fit)),
  MASS = expression(MASS::gamma.dispersion(update(fit, family = Gamma("log"))))
)

calls_of_categories <- list(
  stats = expression(
    coef(fit), vcov(fit), logLik(fit), AIC(fit), BIC(fit), nobs(fit), deviance(fit), extractAIC(fit), fitted(fit),
    predict(fit, new, type = "probs"), predict(fit, new, type = "class"), model.frame(fit), formula(fit), terms(fit),
    summary(fit)$coefficients, confint = confint(fit), drop1 = drop1(fit)$AIC,
    add1 = add1(smaller, formula(fit))$AIC, step = coef(step(fit, trace = 0)), update = coef(update(fit, . ~ . - Type)),
    anova = anova(smaller, fit), case.names(fit), residuals = residuals(fit), model.matrix(fit), lapply = length(lapply(fit, class)) > 0
  ),
  MASS = expression(MASS::stepAIC(fit, trace = 0)$anova$AIC),
  broom = expression(
    broom::tidy(fit), broom::tidy(fit, conf.int = TRUE), broom::tidy(fit, exponentiate = TRUE), broom::glance(fit), broom::augment(fit),
    broom::augment(fit, newdata = new)
  ),
  broom.helpers = expression(broom.helpers::tidy_plus_plus(fit)),
  car = expression(car::Anova(fit), car::linearHypothesis(fit, c(0, 1, rep(0, nrow(vcov(fit)) - 2)), test = "Chisq"), car::vif(fit)),
  sandwich = expression(
    sandwich::estfun(fit), sandwich::bread(fit), sandwich::sandwich(fit), sandwich::vcovCL(fit, rep_len(1:9, nrow(sandwich::estfun(fit))))
  ),
  lmtest = expression(lmtest::coeftest(fit), lmtest::lrtest(smaller, fit), lmtest::coeftest(fit, vcov. = vcov(fit)), lmtest::coefci(fit)),
  emmeans = expression(
    as.data.frame(emmeans::emmeans(fit, ~ Infl | Sat, mode = "prob")), as.data.frame(emmeans::emmeans(fit, ~Infl, mode = "latent")),
    as.data.frame(pairs(emmeans::emmeans(fit, ~Infl, mode = "latent")))
  ),
  effects = expression(
    effects::Effect("Infl", fit)$prob, as.data.frame(effects::Effect("Type", fit)), effects::allEffects(fit)[[1]]$logit,
    effects::predictorEffects(fit)[[1]]$se.prob
  ),
  ggeffects = expression(as.data.frame(ggeffects::ggpredict(fit, "Infl")), as.data.frame(ggeffects::ggemmeans(fit, "Infl"))),
  marginaleffects = expression(
    marginaleffects::avg_predictions(fit), marginaleffects::predictions(fit, newdata = new), marginaleffects::avg_slopes(fit),
    marginaleffects::avg_comparisons(fit, variables = "Infl"), marginaleffects::hypotheses(fit)
  ),
  insight = expression(
    insight::model_info(fit)[c("is_binomial", "is_multinomial", "is_ordinal", "link_function")], insight::find_formula(fit),
    insight::find_parameters(fit), insight::get_parameters(fit), insight::find_predictors(fit), insight::find_response(fit),
    insight::find_statistic(fit), insight::get_statistic(fit), insight::get_varcov(fit), insight::get_data(fit), insight::get_df(fit),
    insight::n_obs(fit), insight::get_loglikelihood(fit), insight::get_predicted(fit), insight::link_inverse(fit)(0.3),
    insight::is_model_supported(fit)
  ),
  parameters = expression(
    parameters::model_parameters(fit), parameters::standard_error(fit), parameters::p_value(fit), parameters::ci(fit),
    parameters::model_parameters(fit, exponentiate = TRUE)
  ),
  performance = expression(
    performance::r2(fit), performance::model_performance(fit), performance::performance_aicc(fit),
    performance::compare_performance(fit, smaller)
  ),
  modelsummary = expression(
    modelsummary::modelsummary(fit, output = "data.frame"), modelsummary::get_gof(fit),
    modelsummary::get_estimates(fit)
  ),
  gtsummary = expression(gtsummary::tbl_regression(fit)$table_body[c("label", "estimate", "p.value")]),
  texreg = expression(utils::capture.output(texreg::screenreg(fit)), texreg::extract(fit)@gof),
  stargazer = expression(utils::capture.output(stargazer::stargazer(fit, type = "text"))),
  sjPlot = expression(sjPlot::plot_model(fit)$data),
  MuMIn = expression(MuMIn::AICc(fit)),
  pscl = expression(utils::capture.output(pscl::pR2(fit))),
  purrr = expression(length(purrr::map(fit, class)) > 0)
)

# Numbers are compared at 1e-5 (relative to the larger of themselves and 1e-5 of the largest), at 1e-4 where the standard is by nnet
# or MASS, whose Hessians are by differences, and as follows: package (all), call (a regular expression), tolerance.
profiled <- paste0("^confint\\(fit\\)$|^S$|profile|conf.int|Confint|::ci|model_parameters|standardize|compare_parameters|get_estimates|",
                   "modelplot|plot_model|get_model_data|tidy_plus|::modelsummary")

tolerances <- list(
  # Interpolated between the points of a profile that stats chooses by its own steps.
  list(call = profiled, tolerance = 1e-3),
  # Numerical derivatives.
  list(package = "marginaleffects", call = "", tolerance = 1e-2),
  # Limits of a profile of polr().
  list(package = "sjPlot", call = "plot_model", tolerance = 3e-3)
)
