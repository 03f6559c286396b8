import type { Decider, Intent } from '../../core/decider.ts';
import { Refused } from '../../core/errors.ts';
import { claim, evolveWork, failed, renewed, requireClaim, type WorkCommand, type WorkState } from '../../core/work.ts';
import {
  type RankedRecipe,
  type RecommendationEvent,
  recommendationWork,
  type Wish,
} from '../../events/recommendation.ts';

export type RecommendationCommand =
  | { do: 'request'; recommendationId: string; fridgeId: string; fridgeRevision: number; wish: Wish }
  | WorkCommand
  | { do: 'rank'; claimId: string; fridgeRevision: number; recipes: readonly RankedRecipe[] }
  | { do: 'expire'; claimId: string };

export type RecommendationStatus = 'requested' | 'composing' | 'done' | 'failed' | 'expired';

export interface RecommendationState {
  status: RecommendationStatus;
  request?: {
    readonly recommendationId: string;
    readonly fridgeId: string;
    readonly fridgeRevision: number;
    readonly wish: Wish;
  };
  recipes: readonly RankedRecipe[];
  failure?: string;
  readonly work: WorkState;
}

const EXPIRES_MS = 10 * 60_000;

export const recommendationDecider: Decider<RecommendationCommand, RecommendationEvent, RecommendationState> = {
  initial: () => ({ status: 'requested', recipes: [], work: new Map() }),

  evolve(state, event) {
    evolveWork(recommendationWork, state.work, event);
    const { type, data } = event;
    switch (type) {
      case 'RecommendationRequested':
        return { ...state, request: data };
      case 'WorkClaimed':
      case 'WorkFailed':
        return state;
      case 'RecipesRanked':
        return { ...state, status: data.composing ? 'composing' : 'done', recipes: data.recipes };
      case 'RecommendationFailed':
        return { ...state, status: 'failed', failure: data.reason };
      case 'RecommendationExpired':
        return { ...state, status: 'expired' };
    }
  },

  decide(command, state, intent) {
    if (command.do === 'request') return state.request ? [] : [requested(command, intent)];
    if (!state.request) throw new Refused('not-found', 'recommendation-not-found', 'there is no such recommendation');
    switch (command.do) {
      case 'claim':
        return [claim(state.work, command, intent) ?? givenUp(command)];
      case 'renew':
        return [renewed(state.work, command, intent)];
      case 'fail':
        return [failed(state.work, command, intent) ?? givenUp(command)];
      case 'rank': {
        const { claimId, fridgeRevision, recipes } = command;
        requireClaim(state.work, 'rank', claimId);
        return [{ type: 'RecipesRanked', data: { claimId, fridgeRevision, recipes, composing: false } }];
      }
      case 'expire':
        requireClaim(state.work, 'expire', command.claimId);
        return [{ type: 'RecommendationExpired', data: { claimId: command.claimId } }];
    }
  },
};

const givenUp = ({ claimId }: { claimId: string }): RecommendationEvent => ({
  type: 'RecommendationFailed',
  data: { claimId, reason: 'internal' },
});

function requested(command: Extract<RecommendationCommand, { do: 'request' }>, { at }: Intent): RecommendationEvent {
  const { do: _do, ...request } = command;
  const expiresAt = new Date(Date.parse(at) + EXPIRES_MS).toISOString();
  return { type: 'RecommendationRequested', data: { ...request, expiresAt } };
}
